/**
 * Makes test data with N rows, the same for the same seed:
 * `node --conditions=kalla-source --import tsx benchmarks/src/generate-data.ts --rows 50000 --output /tmp/test.csv`
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { datasets, formats, writeBulk } from './generate/bulk.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string' },
    output: { type: 'string' },
    seed: { type: 'string', default: '1' },
    format: { type: 'string' },
    dataset: { type: 'string', default: 'invoices' },
  },
});
const options = z
  .object({
    rows: z.coerce.number().int().min(0).max(1_000_000_000),
    output: z.string().min(1),
    seed: z.coerce.number().int().min(0).max(1_000_000),
    format: z.enum(formats),
    dataset: z.enum(datasets),
  })
  .safeParse({ ...values, format: values.format ?? (values.output?.endsWith('.parquet') ? 'parquet' : 'csv') });

if (!options.success) {
  console.error(z.prettifyError(options.error));
  console.error(
    'Usage: generate-data --rows N --output FILE [--format csv|parquet] [--dataset invoices|payments] [--seed N]',
  );
  process.exitCode = 2;
} else {
  const { rows, output, seed, format, dataset } = options.data;
  const truth = await writeBulk({ dataset, rows, seed }, resolve(output), format);
  console.log(JSON.stringify({ output, ...truth }, null, 2));
}
