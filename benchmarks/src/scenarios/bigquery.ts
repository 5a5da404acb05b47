import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { quoteLiteral } from '@kalla/core';
import { openBigQuery, queryBigQuery } from '../bigquery-server.ts';
import { firstRow, withDuckdb } from '../duckdb.ts';
import { measurePairs } from '../measure-pairs.ts';
import { measureTask } from '../measure.ts';
import type { Measurement } from '../result.ts';
import type { ScenarioOf } from '../scenario.ts';
import type { RunContext } from './run-context.ts';

const TABLE = 'kalla_bench_invoices';
const FIRST_MICROS = '1767225600000000';

/** Nine columns, each made of the row's number `i`: in BigQuery's SQL, and the same in DuckDB's to check by. */
const COLUMNS: Array<[name: string, bigquery: string, duckdb: string]> = [
  ['id', 'CAST(i AS INT64)', 'i::BIGINT'],
  ['ref', "CONCAT('INV-', CAST(i AS STRING))", "'INV-' || i"],
  [
    'amount',
    "CAST(CONCAT(IF(MOD(i, 2) = 0, '-', ''), CAST(i AS STRING), '.25') AS NUMERIC)",
    "CAST((CASE WHEN i % 2 = 0 THEN '-' ELSE '' END) || i || '.25' AS DECIMAL(38,9))",
  ],
  [
    'day',
    "DATE_ADD(DATE '2026-01-01', INTERVAL MOD(i, 365) DAY)",
    "CAST(DATE '2026-01-01' + (i % 365)::INTEGER AS DATE)",
  ],
  ['booked_at', `TIMESTAMP_MICROS(${FIRST_MICROS} + i * 1000001)`, `make_timestamptz(${FIRST_MICROS} + i * 1000001)`],
  ['paid', 'MOD(i, 3) = 0', 'i % 3 = 0'],
  ['customer', "CONCAT('Customer ', CAST(MOD(i, 1000) AS STRING))", "'Customer ' || (i % 1000)"],
  [
    'memo',
    "IF(MOD(i, 7) = 0, NULL, CONCAT(REPEAT('abcdefghij', 5), CAST(i AS STRING)))",
    "CASE WHEN i % 7 <> 0 THEN repeat('abcdefghij', 5) || i END",
  ],
  ['rate', 'CAST(i AS FLOAT64) * 0.125', 'i::DOUBLE * 0.125'],
];

/** Staging of a table of BigQuery, against a reader that takes the same Arrow streams from the same server and throws them away. */
export async function bigquery(scenario: ScenarioOf<'bigquery'>, context: RunContext): Promise<Measurement> {
  await using server = await openBigQuery();
  context.say(`Filling a table with ${scenario.rows} rows…`);
  const select = COLUMNS.map(([name, sql]) => `${sql} AS ${name}`).join(', ');
  await queryBigQuery(
    server,
    `CREATE OR REPLACE TABLE scratch.${TABLE} AS SELECT ${select} FROM UNNEST(GENERATE_ARRAY(1, ${scenario.rows})) AS i`,
  );
  const timeout = scenario.timeout_s * 1000;
  const config = {
    project: server.project,
    credentials: { kind: 'none' },
    endpoint: server.url,
    storage_endpoint: server.grpc,
  };
  const target = (of: string) => join(context.scratch, of);
  const pairs = await measurePairs({
    ...context,
    subject: () =>
      measureTask(
        'stage',
        { type: 'bigquery', config, table: `scratch.${TABLE}`, target: target('subject'), scratchDir: context.scratch },
        timeout,
      ),
    limit: async () => {
      const drained = await measureTask('bigqueryDrain', { ...server, table: TABLE }, timeout);
      if (drained.output['rows'] !== scenario.rows)
        throw new Error(`The limit read ${String(drained.output['rows'])} rows.`);
      return drained;
    },
    async check(of) {
      if (of === 'limit') return;
      await checkRows(target(of), scenario.rows);
      await rm(target(of));
    },
  });
  return {
    ...pairs,
    checked: 'row count and a checksum over every cell',
    notes: [
      'An emulator, not Google’s service: its own speed is in both figures. The memory of the server is not counted.',
    ],
  };
}

/** Compares every cell with what it was made of. */
async function checkRows(path: string, rows: number): Promise<void> {
  const names = COLUMNS.map(([name]) => name).join(', ');
  const facts = `count(*)::VARCHAR || ' rows, checksum ' || bit_xor(hash(${names}))`;
  const made = COLUMNS.map(([name, , sql]) => `${sql} AS ${name}`).join(', ');
  const { found, wanted } = await withDuckdb({ TimeZone: 'UTC' }, (connection) =>
    firstRow(
      connection,
      `SELECT (SELECT ${facts} FROM read_parquet(${quoteLiteral(path)})) AS found,
         (SELECT ${facts} FROM (SELECT ${made} FROM range(1, ${rows + 1}) t(i))) AS wanted`,
    ),
  );
  if (found !== wanted) throw new Error(`The result is wrong: ${String(found)}, not ${String(wanted)}.`);
}
