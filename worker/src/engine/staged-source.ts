import type { ColumnInfo, Note } from '@kalla/core';

/** One side of a match as a Parquet file on this disk. */
export interface StagedSource {
  alias: string;
  /** Absolute path of the Parquet file. Read-only when `inPlace`. */
  path: string;
  /** Its columns, in order; the file holds exactly these types. */
  columns: ColumnInfo[];
  rows: number;
  /** What the connector says a person should know. */
  notes: Note[];
  /** True where the source itself is used and nothing was copied. */
  inPlace: boolean;
}
