import { decimalOf, type RowFilter } from '@kalla/core';
import { isRepeated, kindOf, type PlannedColumn } from './types.ts';

const COMPARISONS: Partial<Record<RowFilter['op'], string>> = {
  eq: '=',
  ne: '!=',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
};
const DAY = String.raw`\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])`;
const CLOCK = String.raw`([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?`;

/** How a value of a kind is spelled so that both engines read it alike, and the literal that it becomes; else it is left over. */
const PLAIN: Record<string, [RegExp, (value: string) => string]> = {
  INTEGER: [/^-?\d{1,18}$/, (value) => value],
  NUMERIC: [/^-?\d{1,29}(\.\d{1,9})?$/, (value) => `NUMERIC '${value}'`],
  BIGNUMERIC: [/^-?\d{1,38}(\.\d{1,38})?$/, (value) => `BIGNUMERIC '${value}'`],
  BOOLEAN: [/^(true|false)$/, (value) => value],
  DATE: [new RegExp(`^${DAY}$`), (value) => `DATE '${value}'`],
  DATETIME: [new RegExp(`^${DAY}[ T]${CLOCK}$`), (value) => `DATETIME '${value.replace('T', ' ')}'`],
  TIMESTAMP: [
    new RegExp(`^${DAY}[ T]${CLOCK}Z$`),
    (value) => `TIMESTAMP '${value.replace('T', ' ').replace('Z', '+00:00')}'`,
  ],
};

/**
 * Parts conditions into what BigQuery applies exactly and what is left to the caller: text search, values whose spelling the two
 * engines might read differently, texts with a collation of their own, and columns that are read as another type than they are.
 *
 * @example splitFilter([{ column: 'amount', op: 'gte', value: '10.5' }], columns).where === "`amount` >= NUMERIC '10.5'"
 */
export function splitFilter(
  filters: readonly RowFilter[],
  columns: ReadonlyMap<string, PlannedColumn>,
): { where: string | null; residual: RowFilter[] } {
  const residual: RowFilter[] = [];
  const applied: string[] = [];
  for (const filter of filters) {
    const column = columns.get(filter.column);
    const sql = column ? toSql(filter, column) : null;
    if (sql === null) residual.push(filter);
    else applied.push(sql);
  }
  return { where: applied.length > 0 ? applied.join(' AND ') : null, residual };
}

function toSql({ op, value }: RowFilter, { field, info }: PlannedColumn): string | null {
  if (isRepeated(field)) return null;
  const name = quoteName(field.name);
  if (op === 'is_null') return `${name} IS NULL`;
  if (op === 'not_null') return `${name} IS NOT NULL`;
  const operator = COMPARISONS[op];
  if (!operator || value === undefined) return null;
  const kind = kindOf(field);
  // Without a collation BigQuery compares texts by their code points, as Parquet and DuckDB do.
  if (kind === 'STRING') return field.collation ? null : `${name} ${operator} ${quoteText(value)}`;
  const plain = PLAIN[kind];
  if (!plain?.[0].test(value)) return null;
  const decimal = decimalOf(info.type);
  // Read as text, a number is compared letter by letter; and a value with more places than the column is rounded by one engine.
  if (kind.endsWith('NUMERIC') && (!decimal || (value.split('.')[1]?.length ?? 0) > decimal.scale)) return null;
  if (info.type === 'text') return null;
  return `${name} ${operator} ${plain[1](value)}`;
}

/** A name in backticks. */
export function quoteName(name: string): string {
  return `\`${name.replace(/[\\`]/g, (letter) => `\\${letter}`)}\``;
}

/** A text as BigQuery's SQL writes it, whatever is in it. */
export function quoteText(text: string): string {
  const escaped = text.replace(/[\\'\n\r\0]/g, (letter) =>
    letter === '\n' ? '\\n' : letter === '\r' ? '\\r' : letter === '\0' ? '\\x00' : `\\${letter}`,
  );
  return `'${escaped}'`;
}
