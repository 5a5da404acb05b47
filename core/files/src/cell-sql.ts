import { decimalOf, duckdbTypeOf, quoteLiteral, type ColumnType } from '@kalla/core';
import { CELL_MARK } from './cell-fault.ts';
import { isNumberSql, plainNumberSql } from './number-text.ts';
import type { DateOrder, Parse } from './types.ts';

const CLOCK = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?';
const ISO_TIMESTAMP = `[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]${CLOCK}`;
const ZONE = ' ?(Z|[-+][0-9]{2}(:?[0-9]{2})?)';

/**
 * How many programs write a point in time; to compare with one of these takes a third of the time of a regular expression. Only
 * with parts of a second, without which a cast also takes `08:00:0.` for a time; and only where a zone is kept, since the cast
 * to a time without one drops it.
 */
const USUAL_INSTANTS = ['____-__-__ __:__:__.______+__', '____-__-__T__:__:__.___Z'];

/** Exact ways to read a text cell: the cheap one for the usual spelling, the thorough one for every other. */
export interface CellReader {
  /** True where the value, printed again, is the very text of the cell. Absent where there is no cheap way. */
  same?: string;
  /** The value, where `same` is true. */
  sameValue?: string;
  /** The value, or NULL where the cell does not fit. */
  value: string;
}

/** SQL that reads a cell as `parse` and `type` say and never loses a digit. */
export function cellReader(cell: string, type: ColumnType, parse: Parse): CellReader {
  const duckdb = duckdbTypeOf(type);
  const plain = (): Pick<CellReader, 'same' | 'sameValue'> => ({
    same: `CAST(TRY_CAST(${cell} AS ${duckdb}) AS VARCHAR) = ${cell}`,
    sameValue: `TRY_CAST(${cell} AS ${duckdb})`,
  });
  switch (parse.kind) {
    case 'text':
      return { value: cell };
    case 'integer':
      return { ...plain(), value: numberSql(cell, '.', type, '') };
    case 'decimal':
      return { ...plain(), value: numberSql(cell, '.', type, '') };
    case 'number':
      return {
        ...(parse.decimal === ',' ? {} : plain()),
        value: numberSql(cell, parse.decimal ?? '.', type, parse.currency ?? ''),
      };
    case 'boolean':
      return { value: `CASE lower(trim(${cell})) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END` };
    case 'iso-date':
      // Ten characters: DuckDB also reads "infinity" and years of five digits.
      return {
        same: `(strlen(${cell}) = 10 AND CAST(TRY_CAST(${cell} AS DATE) AS VARCHAR) = ${cell})`,
        sameValue: `TRY_CAST(${cell} AS DATE)`,
        value: 'NULL::DATE',
      };
    case 'iso-timestamp':
      return { value: castWhere(cell, ISO_TIMESTAMP, 'TIMESTAMP') };
    case 'iso-timestamptz':
      return { value: castWhere(cell, ISO_TIMESTAMP + ZONE, 'TIMESTAMP WITH TIME ZONE', USUAL_INSTANTS) };
    case 'date':
      return { value: dateSql(cell, parse.order ?? 'ymd') };
    case 'cast':
      return { value: `TRY_CAST(${cell} AS ${duckdb})` };
  }
}

/**
 * The proving expression of DESIGN.md §5: NULL stays NULL, an empty cell of a typed column is NULL too, a cell that fits
 * becomes its value, any other raises an error that `explain` turns into line and column.
 */
export function provenSql(cell: string, index: number, type: ColumnType, parse: Parse): ProvenSql {
  if (parse.kind === 'text') return { value: cell };
  const reader = cellReader(cell, type, parse);
  const refuse = `error(concat('${CELL_MARK}:${index}:', left(${cell}, 200), ':${CELL_MARK}-end'))`;
  const thorough = `coalesce(${reader.value}, CASE WHEN trim(${cell}) = '' THEN NULL ELSE ${refuse} END)`;
  if (!reader.same || !reader.sameValue) return { value: `CASE WHEN ${cell} IS NULL THEN NULL ELSE ${thorough} END` };
  // The cast is done once, in the SELECT below, and used twice: in the proof and as the value.
  const cast = `t${index}`;
  const same = reader.same.replace(reader.sameValue, cast);
  const value = `CASE WHEN ${cell} IS NULL THEN NULL WHEN ${same} THEN ${cast} ELSE ${thorough} END`;
  return { value, below: `${reader.sameValue} AS ${cast}` };
}

/** The proving expression, and what it needs computed before it. */
export interface ProvenSql {
  value: string;
  below?: string;
}

/** True where the cell is not empty and does not fit. */
export function misfitSql(cell: string, type: ColumnType, parse: Parse): string {
  const reader = cellReader(cell, type, parse);
  const fits = `${reader.same ? `coalesce(${reader.same}, FALSE) OR ` : ''}(${reader.value}) IS NOT NULL`;
  return `(${cell} IS NOT NULL AND trim(${cell}) <> '' AND NOT (${fits}))`;
}

function numberSql(cell: string, decimal: '.' | ',', type: ColumnType, currency: string): string {
  const parts = decimalOf(type);
  const isFloat = type.startsWith('float');
  const scale = isFloat ? null : (parts?.scale ?? 0);
  const target = duckdbTypeOf(type);
  const scientific = isFloat
    ? ` WHEN regexp_full_match(${cell}, '\\s*[-+]?[0-9]+([.][0-9]+)?[eE][-+]?[0-9]+\\s*') THEN TRY_CAST(${cell} AS ${target})`
    : '';
  // A whole number with ".00" behind it is no text that DuckDB casts to an integer exactly: it goes through a decimal.
  const exact =
    !parts && !isFloat
      ? `TRY_CAST(TRY_CAST(${plainNumberSql(cell, decimal)} AS DECIMAL(38,0)) AS ${target})`
      : `TRY_CAST(${plainNumberSql(cell, decimal)} AS ${target})`;
  return `CASE WHEN ${isNumberSql(cell, decimal, scale, currency)} THEN ${exact}${scientific} END`;
}

/**
 * Casts what fits the pattern. A cell in one of the usual shapes is only cast: that refuses whatever stands for a digit and is
 * none, but for a space before a number and a sign before the year.
 */
function castWhere(cell: string, pattern: string, type: string, usual: readonly string[] = []): string {
  const cast = `TRY_CAST(${cell} AS ${type})`;
  const shapes = usual.map((shape) => {
    const asWritten = shape.includes(' ')
      ? `NOT contains(${cell}, 'T') AND ${cell} NOT LIKE '% % %'`
      : `NOT contains(${cell}, ' ')`;
    return `WHEN ${cell} LIKE '${shape}' AND ${cell} >= '0' AND ${cell} < ':' AND ${asWritten} THEN ${cast}`;
  });
  return `CASE ${shapes.join(' ')} WHEN regexp_full_match(${cell}, ${quoteLiteral(pattern)}) THEN ${cast} END`;
}

const DATE_FORMS: Record<DateOrder, readonly [pattern: string, format: string][]> = {
  dmy: [
    ['[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}', '%d/%m/%Y'],
    ['[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}', '%d/%m/%y'],
  ],
  mdy: [
    ['[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}', '%m/%d/%Y'],
    ['[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}', '%m/%d/%y'],
  ],
  ymd: [
    ['[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}', '%Y/%m/%d'],
    ['[0-9]{8}', '%Y%m%d'],
  ],
};

/** The pattern of dates whose year has two digits. */
export const SHORT_YEAR = '[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}';

function dateSql(cell: string, order: DateOrder): string {
  const cases = DATE_FORMS[order].map(
    ([pattern, format]) =>
      `WHEN regexp_full_match(${cell}, '${pattern}') THEN CAST(try_strptime(translate(${cell}, '.-', '//'), '${format}') AS DATE)`,
  );
  return `CASE ${cases.join(' ')} END`;
}
