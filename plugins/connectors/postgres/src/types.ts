import type { ColumnType } from '@kalla/core';
import type { CatalogColumn } from './catalog.ts';

/** How the binary form of a column is decoded; each has one file or function in `columns/`. */
export type Codec =
  | 'boolean'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'float32'
  | 'float64'
  | 'decimal'
  | 'text'
  | 'jsonb'
  | 'binary'
  | 'uuid'
  | 'date'
  | 'time'
  | 'timestamp';

export interface Mapping {
  type: ColumnType;
  codec: Codec;
  /** What the server casts the column to before it is sent; null where its own binary form is decoded. */
  cast: 'text' | 'numeric' | null;
  /** What a person should know about this mapping. */
  note?: string;
}

/** What has to be looked up before some types can be mapped. */
export interface TypeFacts {
  /** Decimal places of `money` on this server (`lc_monetary`). */
  moneyScale: number;
  /** What the values of a `numeric` without precision look like, by column name. */
  numerics: Map<string, NumericFacts>;
}

/** Over all values of a column: null where the table was too large to look through in time. */
export type NumericFacts = { scale: number; integerDigits: number; nonFinite: number; values: number } | null;

/** Scale of a numeric without precision that has no value yet. */
const EMPTY_SCALE = 9;

const FIXED: Record<string, Mapping> = {
  bool: { type: 'boolean', codec: 'boolean', cast: null },
  int2: { type: 'int16', codec: 'int16', cast: null },
  int4: { type: 'int32', codec: 'int32', cast: null },
  int8: { type: 'int64', codec: 'int64', cast: null },
  oid: { type: 'uint32', codec: 'uint32', cast: null },
  float4: { type: 'float32', codec: 'float32', cast: null },
  float8: { type: 'float64', codec: 'float64', cast: null },
  text: { type: 'text', codec: 'text', cast: null },
  varchar: { type: 'text', codec: 'text', cast: null },
  name: { type: 'text', codec: 'text', cast: null },
  json: { type: 'text', codec: 'text', cast: null, note: 'JSON is read as its text.' },
  jsonb: { type: 'text', codec: 'jsonb', cast: null, note: 'JSON is read as its text, as PostgreSQL writes it.' },
  bytea: { type: 'binary', codec: 'binary', cast: null },
  uuid: { type: 'uuid', codec: 'uuid', cast: null },
  date: { type: 'date', codec: 'date', cast: null },
  time: { type: 'time', codec: 'time', cast: null },
  timestamp: { type: 'timestamp', codec: 'timestamp', cast: null },
  timestamptz: { type: 'timestamptz', codec: 'timestamp', cast: null },
  bpchar: asText('char(n) is read as text without the blanks that fill it up, as PostgreSQL compares it.'),
  citext: asText('citext is read as text: unlike in PostgreSQL, capitals count when it is compared.'),
  timetz: asText('A time with a zone has no exact counterpart; it is read as text, for example "08:00:00+02".'),
  interval: asText('An interval has no exact counterpart; it is read as text, for example "1 mon 2 days 03:00:00".'),
};
/** Built-in types end below this oid; above it a type of the same name is somebody's own. */
const FIRST_USER_OID = 16384;

/**
 * The exact counterpart of a column, or text in PostgreSQL's own spelling with a note.
 *
 * @example mapColumn(column /* numeric(12,2) *\/, facts).type === 'decimal(12,2)'
 */
export function mapColumn(column: CatalogColumn, facts: TypeFacts, wantedAsText: ReadonlySet<string>): Mapping {
  if (wantedAsText.has(column.name)) {
    return asText(`Read as text instead of ${column.sourceType}, as the settings of the source say.`);
  }
  if (column.isArray) return asText('A list is read as text in PostgreSQL’s own spelling, for example "{1,2}".');
  const builtIn = column.typeOid < FIRST_USER_OID;
  if (column.typeName === 'numeric' && builtIn) return mapNumeric(column, facts);
  if (column.typeName === 'money' && builtIn) {
    const note = `Money is read as a decimal with the ${facts.moneyScale} places of this server; the currency sign is left out.`;
    return { type: `decimal(19,${facts.moneyScale})`, codec: 'decimal', cast: 'numeric', note };
  }
  const fixed = FIXED[column.typeName];
  if (fixed && (builtIn || column.typeName === 'citext')) return fixed;
  if (column.kind === 'e')
    return asText('The values of an enum are read as text; they sort by letter, not in the order of the enum.');
  return asText(`${column.sourceType} has no exact counterpart; it is read as text in PostgreSQL’s own spelling.`);
}

function asText(note: string): Mapping {
  return { type: 'text', codec: 'text', cast: 'text', note };
}

function mapNumeric(column: CatalogColumn, facts: TypeFacts): Mapping {
  const declared = declaredNumeric(column.modifier);
  if (declared) {
    const type = decimalType(
      declared.precision - Math.min(declared.scale, declared.precision),
      Math.max(declared.scale, 0),
    );
    if (type) return { type, codec: 'decimal', cast: null };
    return asText(`${column.sourceType} has more than the 38 digits of the widest decimal; it is read as text.`);
  }
  const found = facts.numerics.get(column.name);
  if (!found) {
    return asText(
      'A numeric without precision, in a table too large to look through for how many digits its values have; it is read as ' +
        'text. A view with a cast to numeric(p,s) makes a decimal of it.',
    );
  }
  if (found.nonFinite > 0) {
    return asText(
      `A numeric without precision that holds NaN or infinity ${found.nonFinite} times; it is read as text.`,
    );
  }
  const scale = found.values === 0 ? EMPTY_SCALE : found.scale;
  if (found.integerDigits + scale > 38) {
    return asText('A numeric without precision whose values need more than 38 digits; it is read as text.');
  }
  return {
    type: `decimal(38,${scale})`,
    codec: 'decimal',
    cast: null,
    note:
      found.values === 0
        ? `A numeric without precision and, so far, without values; it is read with ${scale} decimal places.`
        : `A numeric without precision; its values have at most ${scale} decimal places, and it is read with so many.`,
  };
}

/** Precision and scale in a numeric's type modifier; null where none was declared. The scale may be negative or over the precision. */
export function declaredNumeric(modifier: number): { precision: number; scale: number } | null {
  if (modifier < 4) return null;
  const packed = modifier - 4;
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
}

/** True where {@link TypeFacts.numerics} has to be filled for this column. */
export function isUnboundedNumeric(column: CatalogColumn): boolean {
  return (
    column.typeName === 'numeric' &&
    column.typeOid < FIRST_USER_OID &&
    !column.isArray &&
    declaredNumeric(column.modifier) === null
  );
}

function decimalType(integerDigits: number, scale: number): ColumnType | null {
  // numeric(5,-2) holds 7 digits before the point, numeric(3,5) none and 5 after it.
  const precision = Math.max(integerDigits + scale, 1);
  return precision <= 38 ? `decimal(${precision},${scale})` : null;
}
