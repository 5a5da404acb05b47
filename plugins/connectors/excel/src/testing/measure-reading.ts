/**
 * Describes a workbook, or plans it with the types of the description, in a process of its own, and prints what it took:
 * `node --import tsx --conditions kalla-source measure-reading.ts describe|plan book.xlsx`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { withConnection } from '@kalla/testkit';
import type { ExcelConfig } from '../config.ts';
import plugin from '../index.ts';

const [what, path = ''] = process.argv.slice(2);
const before = process.resourceUsage().maxRSS;
const started = performance.now();
const operation = { signal: new AbortController().signal };
let rows: number | null = null;
if (what === 'describe') {
  await withConnection(plugin, { uri: path, options: {} }, async (connection) => {
    const info = await connection.describe(undefined, operation);
    rows = info.rowCount ?? null;
    await writeFile(`${path}.json`, JSON.stringify(info.pinnedConfig));
  });
} else {
  const config = JSON.parse(await readFile(`${path}.json`, 'utf8')) as ExcelConfig;
  await withConnection(plugin, config, async (connection) => {
    rows = (await connection.plan({}, operation)).estimate.rows;
  });
}
process.stdout.write(
  JSON.stringify({
    rows,
    ms: Math.round(performance.now() - started),
    mebibytes: Math.round((process.resourceUsage().maxRSS - before) / 1024),
    peak: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
