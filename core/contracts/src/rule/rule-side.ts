import { decimalOf, type ColumnType } from '../column-type.ts';
import { ProblemError } from '../problem.ts';

/** What has to be known of a source to write SQL about it. */
export interface RuleSource {
  alias: string;
  /** `["_row"]` where a file has no key of its own. */
  primary_key: readonly string[];
  columns: readonly { name: string; type: ColumnType }[];
}

/** Kinds of values that can be compared as they stand. */
export type ValueFamily = 'number' | 'text' | 'date' | 'other';

/** The family of a column type: `decimal(12,2)` and `int64` are numbers, `timestamptz` is a date. */
export function familyOf(type: ColumnType): ValueFamily {
  if (decimalOf(type) || /^(u?int|float)/.test(type)) return 'number';
  if (type === 'text') return 'text';
  if (type === 'date' || type === 'timestamp' || type === 'timestamptz') return 'date';
  return 'other';
}

/** The type of a column; `_row` is there in every file. Throws ProblemError `missing-columns` where it is absent. */
export function typeOfColumn(source: RuleSource, name: string): ColumnType {
  const found = source.columns.find((column) => column.name === name);
  if (found) return found.type;
  if (name === '_row') return 'int64';
  throw new ProblemError('missing-columns', `"${source.alias}" has no column "${name}".`, [
    { column: name, message: 'missing' },
  ]);
}
