import type { ColumnInfo, ColumnType } from '@kalla/core';
import type { TableField } from './catalog.ts';
import type { BigQueryConfig } from './config.ts';
import { messages } from './messages.ts';

/** A column as it is read: BigQuery's description of it, and what becomes of it. */
export interface PlannedColumn {
  info: ColumnInfo;
  field: TableField;
  note: string | null;
}

interface Mapping {
  type: ColumnType;
  note?: string;
}

const { notes } = messages;
const FIXED: Record<string, Mapping> = {
  STRING: { type: 'text' },
  BYTES: { type: 'binary' },
  INTEGER: { type: 'int64' },
  FLOAT: { type: 'float64' },
  BOOLEAN: { type: 'boolean' },
  DATE: { type: 'date' },
  TIME: { type: 'time' },
  DATETIME: { type: 'timestamp' },
  TIMESTAMP: { type: 'timestamptz' },
  JSON: { type: 'text', note: notes.json },
  GEOGRAPHY: { type: 'text', note: notes.geography },
  INTERVAL: { type: 'text', note: notes.interval },
  RANGE: { type: 'text', note: notes.range },
  RECORD: { type: 'text', note: notes.struct },
};
/** The names of standard SQL for the names of REST's older ones. */
const OLDER: Record<string, string> = {
  INT64: 'INTEGER',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  STRUCT: 'RECORD',
  DECIMAL: 'NUMERIC',
  BIGDECIMAL: 'BIGNUMERIC',
};

/** The type of a field under one name for each. */
export function kindOf({ type }: TableField): string {
  const upper = type.toUpperCase();
  return OLDER[upper] ?? upper;
}

export function isRepeated({ mode }: TableField): boolean {
  return mode === 'REPEATED';
}

/**
 * The exact counterpart of a column, or text with a note that states its spelling.
 *
 * @example planColumn({ name: 'amount', type: 'NUMERIC' }, config).info.type === 'decimal(38,9)'
 */
export function planColumn(field: TableField, config: BigQueryConfig): PlannedColumn {
  const mapping = config.text_columns?.includes(field.name)
    ? { type: 'text', note: notes.asked(typeName(field)) }
    : mapField(field, config);
  return {
    info: {
      name: field.name,
      type: mapping.type,
      source_type: typeName(field),
      nullable: field.mode !== 'REQUIRED',
    },
    field,
    note: mapping.note ?? null,
  };
}

function mapField(field: TableField, config: BigQueryConfig): Mapping {
  if (isRepeated(field)) return { type: 'text', note: notes.array };
  const kind = kindOf(field);
  if (kind === 'NUMERIC') return { type: decimalType(field) ?? 'decimal(38,9)' };
  if (kind === 'BIGNUMERIC') return mapBignumeric(field, config);
  if (kind === 'TIMESTAMP' && field.timestampPrecision === '12')
    return { type: 'timestamptz', note: notes.picoseconds };
  return FIXED[kind] ?? { type: 'text', note: notes.unknown(typeName(field)) };
}

/**
 * A BIGNUMERIC with a precision up to 38 is that decimal. Without one, a value may need 76 digits, and which is not known before
 * all rows are read: the column is exact text, or a decimal of as many places as the settings say.
 */
function mapBignumeric(field: TableField, config: BigQueryConfig): Mapping {
  const declared = decimalType(field);
  if (declared) return { type: declared };
  const places = config.bignumeric_places;
  if (places !== undefined) return { type: `decimal(38,${places})`, note: notes.bignumericPlaces(places) };
  return { type: 'text', note: field.precision ? notes.bignumericWide(typeName(field)) : notes.bignumeric };
}

/** decimal(p,s) of NUMERIC(p,s); null where no precision is declared or it is over 38. */
function decimalType({ precision, scale }: TableField): ColumnType | null {
  const digits = Number(precision ?? 0);
  return digits >= 1 && digits <= 38 ? `decimal(${digits},${Number(scale ?? 0)})` : null;
}

/** As BigQuery's SQL writes a type: `ARRAY<STRUCT<net NUMERIC(10, 2)>>`. */
export function typeName(field: TableField): string {
  const kind = kindOf(field);
  const standard = Object.entries(OLDER).find(([, older]) => older === kind && !/DECIMAL/.test(kind))?.[0] ?? kind;
  const name =
    kind === 'RECORD'
      ? `STRUCT<${(field.fields ?? []).map((one) => `${one.name} ${typeName(one)}`).join(', ')}>`
      : kind === 'RANGE'
        ? `RANGE<${field.rangeElementType?.type ?? 'DATE'}>`
        : kind.endsWith('NUMERIC')
          ? kind + (field.precision ? `(${field.precision}${field.scale ? `,${field.scale}` : ''})` : '')
          : standard;
  const full = isRepeated(field) ? `ARRAY<${name}>` : name;
  return full.length > 500 ? `${full.slice(0, 499)}…` : full;
}
