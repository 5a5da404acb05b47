import { quoteLiteral } from '@kalla/core';
import { firstRow, withDuckdb } from '../duckdb.ts';
import { differingFacts, factsOf, type BulkTruth } from '../generate/bulk.ts';

/** Compares a Parquet file with what the generator knows about the table. Throws a sentence that names the columns that differ. */
export async function checkInvoices(path: string, truth: BulkTruth): Promise<void> {
  const found = await withDuckdb({ TimeZone: 'UTC' }, (connection) =>
    factsOf(connection, `read_parquet(${quoteLiteral(path)})`, 'invoices'),
  );
  const differing = differingFacts(truth, found);
  if (differing.length > 0)
    throw new Error(`The result is wrong: it differs from the generated data in ${differing.join(', ')}.`);
}

/** Sentence for the report. */
export const INVOICES_CHECKED = 'row count, exact sums of numbers, checksums, NULLs and empty texts of every column';

/** Rows of the three result files of a match, and distinct keys in `matched`. */
export async function matchCounts(folder: string): Promise<Record<string, number>> {
  const file = (name: string) => `read_parquet(${quoteLiteral(`${folder}/${name}.parquet`)})`;
  const row = await withDuckdb({}, (connection) =>
    firstRow(
      connection,
      `SELECT count(*) AS matched, count(DISTINCT id) AS matched_left_rows, count(DISTINCT pay_id) AS matched_right_rows,
         (SELECT count(*) FROM ${file('unmatched_left')}) AS unmatched_left,
         (SELECT count(*) FROM ${file('unmatched_right')}) AS unmatched_right
       FROM ${file('matched')}`,
    ),
  );
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}

/** Throws where a count that is there is not as the generator knows it. */
export function checkCounts(found: Record<string, number>, truth: Record<string, number>): void {
  const wrong = Object.keys(found).filter((name) => found[name] !== truth[name]);
  if (wrong.length === 0) return;
  throw new Error(
    `The result is wrong: ${wrong.map((name) => `${name} is ${found[name]}, not ${truth[name]}`).join(', ')}.`,
  );
}
