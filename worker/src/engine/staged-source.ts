import type { ColumnInfo, ColumnType, Note } from '@kalla/core';

/** One side of a match as a Parquet file on this disk. */
export interface StagedSource {
  alias: string;
  /** Absolute path of the Parquet file. Read-only when `inPlace`. */
  path: string;
  /** Its columns, in order; the file holds exactly these types, but for those of `recast`. */
  columns: ColumnInfo[];
  /** Columns that are read in the type of `columns`, although the file holds another one. */
  recast?: readonly string[];
  /** Columns that are of another kind than when the recipe was made. */
  unlike?: readonly { name: string; was: ColumnType; is: ColumnType }[];
  rows: number;
  /** What the connector says a person should know. */
  notes: Note[];
  /** True where the source itself is used and nothing was copied. */
  inPlace: boolean;
}
