import type { ColumnInfo, Note } from '@kalla/core';

/** One side of a match as a Parquet file on this disk. */
export interface StagedSource {
  alias: string;
  /** Absolute path of the Parquet file. Read-only when `inPlace`. */
  path: string;
  /** Its columns, in order; the file holds exactly these types, but for those that are `empty`. */
  columns: ColumnInfo[];
  /** Columns without any value that are read in the type of `columns`, although the file holds them as text. */
  empty?: readonly string[];
  rows: number;
  /** What the connector says a person should know. */
  notes: Note[];
  /** True where the source itself is used and nothing was copied. */
  inPlace: boolean;
}
