/**
 * Asks a running Kalla for proposals for one pair of generated files, and says how good the first one is:
 * `node --conditions=kalla-source --import tsx benchmarks/src/try-suggestions.ts --pairs date_lag --noise usual --rows 1000 --url http://127.0.0.1:3000`
 * Without `--url` only the files are written. `--output FOLDER` keeps them.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { kindNames } from './generate/pairs/kinds/index.ts';
import { noiseNames } from './generate/pairs/noise.ts';
import { writePairs } from './generate/pairs/write-pairs.ts';
import { KallaClient } from './kalla-client.ts';
import { withScratch } from './scenarios/run-context.ts';
import { trySuggestion } from './suggestion-case.ts';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string' },
    noise: { type: 'string', default: 'usual' },
    rows: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    output: { type: 'string' },
    url: { type: 'string' },
  },
});
const options = z
  .object({
    pairs: z.enum(kindNames),
    noise: z.enum(noiseNames),
    rows: z.coerce.number().int().min(1).max(10_000_000),
    seed: z.coerce.number().int().min(0).max(1_000_000),
    output: z.string().optional(),
    url: z.url().optional(),
  })
  .refine(({ url, output }) => url !== undefined || output !== undefined, 'Give --url, --output or both.')
  .safeParse(values);

if (!options.success) {
  console.error(z.prettifyError(options.error));
  process.exitCode = 2;
} else {
  const { pairs: kind, noise, rows, seed, output, url } = options.data;
  await withScratch(async (scratch) => {
    const files = await writePairs({ kind, noise, rows, seed }, output === undefined ? scratch : resolve(output));
    if (url === undefined) return console.log(JSON.stringify(files, null, 2));
    const client = new KallaClient(url.replace(/\/$/, ''));
    const { result } = await trySuggestion({ client }, { kind, noise, rows, seed }, files, {
      timeoutMs: 120_000,
      scratch,
      timeOnly: false,
    });
    console.log(JSON.stringify(result, null, 2));
  });
}
