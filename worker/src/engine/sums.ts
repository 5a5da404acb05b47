import { quoteIdentifier, quoteLiteral, type ColumnInfo, type Note } from '@kalla/core';
import type { Engine, RunOptions } from './engine.ts';
import { summableColumns } from './summable-columns.ts';

/** Sums by column, and a note for each that is left out. */
export interface SumReport {
  sums: Record<string, string>;
  notes: Note[];
}

/**
 * Exact sums of the decimal and whole-number columns of a Parquet file, as text; keys and row numbers are left out. A sum that needs more
 * than 38 digits is left out with a note.
 */
export async function sumsOf(
  engine: Engine,
  path: string,
  columns: readonly ColumnInfo[],
  except: readonly string[],
  options: RunOptions = {},
): Promise<SumReport> {
  const summed = summableColumns(columns, except);
  const notes: Note[] = [];
  const sums: Record<string, string> = {};
  if (summed.length === 0) return { sums, notes };
  const expression = ({ name }: ColumnInfo) => `CAST(coalesce(sum(${quoteIdentifier(name)}), 0) AS VARCHAR)`;
  const ask = async (list: readonly ColumnInfo[]) =>
    (
      await engine.rows(`SELECT ${list.map(expression).join(', ')} FROM read_parquet(${quoteLiteral(path)})`, options)
    )[0]!;
  try {
    const row = await ask(summed);
    summed.forEach((column, index) => (sums[column.name] = String(row[index])));
  } catch (error) {
    if (!isOverflow(error)) throw error;
    for (const column of summed) {
      try {
        sums[column.name] = String((await ask([column]))[0]);
      } catch (inner) {
        if (!isOverflow(inner)) throw inner;
        notes.push({
          column: column.name,
          message: `The sum of "${column.name}" has more than 38 digits and is left out.`,
        });
      }
    }
  }
  return { sums, notes };
}

/** True where a sum needed more digits than a DECIMAL has. */
export const isOverflow = (error: unknown) =>
  error instanceof Error && /overflow|out of range|Could not cast/i.test(error.message);
