import { ConnectorError, type Batch, type ColumnInfo, type Split } from '@kalla/core';
import { batchOf } from '@kalla/core/arrow';
import { explain } from './errors.ts';
import type { SourceClient } from './source.ts';

/** The part of a table that one split reads: rows `from` up to, not including, `to`. */
interface Part {
  table: string;
  /** Places of the wanted columns in a row of the source. */
  places: number[];
  from: number;
  to: number;
}

/** A split says all that its read needs, since another process may do it. */
export function splitOf(part: Part): Split {
  return { id: JSON.stringify(part) };
}

/** Arrow batches of one split, one page of the source after the other. */
export async function* readSplit(
  client: SourceClient,
  columns: readonly ColumnInfo[],
  split: Split,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const { table, places, from, to } = JSON.parse(split.id) as Part;
  if (places.length !== columns.length) throw new ConnectorError('bug', 'The split belongs to another plan.');
  try {
    for await (const rows of client.rows(table, from, to, signal)) {
      yield batchOf(
        columns,
        rows.map((row) => places.map((place) => row[place] ?? null)),
      );
    }
  } catch (error) {
    throw explain(error);
  }
}
