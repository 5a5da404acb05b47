/**
 * Makes a Postgres table with N rows, the same for the same seed:
 * `node --conditions=kalla-source --import tsx benchmarks/src/seed-postgres.ts --url postgres://… --rows 50000 --table invoices`
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { cachedData } from './cache.ts';
import { seedTable } from './generate/seed-table.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    rows: { type: 'string' },
    table: { type: 'string', default: 'kalla_bench_invoices' },
    seed: { type: 'string', default: '1' },
  },
});
const options = z
  .object({
    url: z.string().regex(/^postgres(ql)?:/, 'must be a postgres:// address'),
    rows: z.coerce.number().int().min(1),
    table: z.string().min(1).max(63),
    seed: z.coerce.number().int().min(0).max(1_000_000),
  })
  .safeParse(values);

if (!options.success) {
  console.error(z.prettifyError(options.error));
  console.error('Usage: seed-postgres --url postgres://… --rows N [--table NAME] [--seed N]. The table is made anew.');
  process.exitCode = 2;
} else {
  const { url, rows, table, seed } = options.data;
  const data = await cachedData({ dataset: 'invoices', rows, seed }, 'csv');
  await seedTable(url, table, data.path);
  console.log(JSON.stringify({ table, ...data.truth }, null, 2));
}
