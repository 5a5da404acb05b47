import type { ColumnType } from '@kalla/core';
import type { ElasticsearchConfig } from './config.ts';
import { isDayFormat } from './date-formats.ts';
import type { FieldMapping, Leaf } from './mapping.ts';

/** How the cells of a column are decoded; each has one function in `columns/`. */
export type Codec =
  | 'text'
  | 'json'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'boolean'
  | 'binary'
  /** Milliseconds since 1970 with a fraction, as the server writes a date for us. */
  | 'instant'
  | 'day'
  | 'nanos';

export interface Mapping {
  type: ColumnType;
  codec: Codec;
  /** Where the cells are: in the document, or computed by the server in `docvalue_fields` or `fields`. */
  from: 'source' | 'docvalue' | 'fields';
  sourceType: string;
  /** What a person should know about this mapping. */
  note?: string;
}

const TEXTS = new Set([
  'text',
  'keyword',
  'wildcard',
  'match_only_text',
  'annotated_text',
  'search_as_you_type',
  'counted_keyword',
  'semantic_text',
  'ip',
  'version',
]);
const INTEGERS: Record<string, ColumnType> = {
  byte: 'int8',
  short: 'int16',
  integer: 'int32',
  long: 'int64',
  unsigned_long: 'uint64',
  token_count: 'int32',
};
/** The document's digits are read, of which a double keeps more than the index of a float does. */
const FLOATS: Record<string, ColumnType> = { half_float: 'float64', float: 'float64', double: 'float64' };
/** The most decimal places of a scaled_float that a decimal is made for. */
const MOST_PLACES = 18;

/** What a column is read as, by the settings of the source and by what was found out about its values. */
export interface MappingContext {
  config: Pick<ElasticsearchConfig, 'text_fields' | 'decimal_fields' | 'nanoseconds' | 'odd_numbers'>;
  /** Values more than documents that have the field, by path; absent where that was not counted. */
  lists: ReadonlyMap<string, number>;
}

/**
 * The exact counterpart of a field, or text as it stands in the documents, with a note.
 *
 * @example mapLeaf(leaf /* scaled_float, factor 100 *\/, context).type === 'decimal(19,2)'
 */
export function mapLeaf(leaf: Leaf, context: MappingContext): Mapping {
  const { config, lists } = context;
  const sourceType = [...new Set(leaf.definitions.map(typeName))].join(', ');
  const asText = (note: string): Mapping => ({ type: 'text', codec: 'json', from: 'source', sourceType, note });
  const types = new Set(leaf.definitions.map((field) => baseType(field)));
  const isText = [...types].every((type) => TEXTS.has(type) || type === 'constant_keyword');
  if (config.text_fields?.includes(leaf.path) && !isText)
    return asText(`Read as it stands in the documents instead of as ${sourceType}, as the settings of the source say.`);
  if (leaf.isRuntime) return runtime(leaf, sourceType);
  if (types.has('constant_keyword') && isText) return { type: 'text', codec: 'text', from: 'fields', sourceType };
  if (isText) return { type: 'text', codec: 'text', from: 'source', sourceType };
  const many = lists.get(leaf.path) ?? 0;
  if (many > 0) return asText('Some documents hold a list here, so it is read as JSON text, for example [1,2].');
  const places = declaredPlaces(config, leaf.path);
  if (places !== null && [...types].every((type) => type in FLOATS || type in INTEGERS || type === 'scaled_float'))
    return {
      type: `decimal(38,${places})`,
      codec: 'decimal',
      from: 'source',
      sourceType,
      note: `Read digit by digit from the documents, with ${places} places, as the settings of the source say.`,
    };
  if (types.size === 1) return ofOneType([...types][0]!, leaf.definitions, sourceType, context);
  if ([...types].every((type) => type === 'date' || type === 'date_nanos'))
    return ofOneType('date_nanos', leaf.definitions, sourceType, context);
  if ([...types].every((type) => type in INTEGERS && type !== 'unsigned_long'))
    return { type: 'int64', codec: 'integer', from: 'source', sourceType };
  return asText(
    `The indices behind it define this field in different ways (${sourceType}); it is read as it stands in the documents.`,
  );
}

function ofOneType(
  type: string,
  definitions: readonly FieldMapping[],
  sourceType: string,
  { config }: MappingContext,
): Mapping {
  const source = (column: ColumnType, codec: Codec, note?: string): Mapping => ({
    type: column,
    codec,
    from: 'source',
    sourceType,
    ...(note ? { note } : {}),
  });
  // The server computes a date for us from its index, which holds that value where the document holds null.
  if (type.startsWith('date') && definitions.some(({ null_value: value }) => value !== undefined && value !== null))
    return source(
      'text',
      'text',
      'Its index has another date where a document holds null (null_value), so it is read as text, as it stands in the documents.',
    );
  if (type in INTEGERS) return source(INTEGERS[type]!, 'integer');
  if (type in FLOATS)
    return source(
      FLOATS[type]!,
      'float',
      'A floating-point field, whose values are rounded. Where it holds money, name it under "Money in floating-point fields".',
    );
  switch (type) {
    case 'scaled_float':
      return scaled(definitions, source, config.odd_numbers);
    case 'boolean':
      return source('boolean', 'boolean');
    case 'binary':
      return source('binary', 'binary');
    case 'date': {
      const from = definitions.every(({ doc_values }) => doc_values !== false) ? 'docvalue' : 'fields';
      const isDay = definitions.every(({ format }) => isDayFormat(format));
      return { type: isDay ? 'date' : 'timestamptz', codec: isDay ? 'day' : 'instant', from, sourceType };
    }
    case 'date_nanos': {
      const from = definitions.every(({ doc_values }) => doc_values !== false) ? 'docvalue' : 'fields';
      return config.nanoseconds === 'text'
        ? {
            type: 'text',
            codec: 'nanos',
            from,
            sourceType,
            note: 'Times with nanoseconds are read as text, for example 2026-01-31T08:00:00.123456789Z; a setting of the source makes points in time of them.',
          }
        : {
            type: 'timestamptz',
            codec: 'instant',
            from,
            sourceType,
            note: 'What is finer than a microsecond is left out, as the settings of the source say.',
          };
    }
    case 'nested':
      return source('text', 'json', 'A list of objects of its own (nested) is read as JSON text.');
    default:
      return source('text', 'json', `A field of type ${type} is read as JSON text, as it stands in the documents.`);
  }
}

function scaled(
  definitions: readonly FieldMapping[],
  source: (type: ColumnType, codec: Codec, note?: string) => Mapping,
  oddNumbers: ElasticsearchConfig['odd_numbers'],
): Mapping {
  const places = definitions.map(({ scaling_factor }) => placesOf(scaling_factor));
  if (places.includes(null))
    return source(
      'text',
      'json',
      'Its scaling factor does not divide a power of ten, so no decimal holds its values exactly; it is read as it stands in the documents.',
    );
  const scale = Math.max(...(places as number[]));
  // The server holds a 64-bit whole number of units: 19 digits, and what a unit that is no power of ten adds.
  const digits = Math.min(
    38,
    Math.max(...definitions.map((field) => 19 + extraDigits(field.scaling_factor ?? 1, scale))),
  );
  return source(
    `decimal(${digits},${scale})`,
    'decimal',
    oddNumbers === 'round'
      ? `Numbers with more than ${scale} places are rounded, as Elasticsearch does when it indexes them.`
      : undefined,
  );
}

/**
 * Decimal places that a unit of one part in `factor` needs; null where no number of places is enough.
 *
 * @example placesOf(100) === 2; placesOf(4) === 2; placesOf(3) === null
 */
export function placesOf(factor: number | undefined): number | null {
  if (factor === undefined || !(factor > 0)) return null;
  const [digits, exponent] = unscale(factor);
  for (let places = 0; places <= MOST_PLACES; places++) {
    const shift = places + exponent;
    if (shift >= 0 && 10n ** BigInt(shift) % digits === 0n) return places;
  }
  return null;
}

/** A factor as whole number and the places that were taken from it: 0.25 is 25 and 2. */
function unscale(factor: number): [bigint, number] {
  const [mantissa = '', power = '0'] = String(factor).toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const exponent = fraction.length - Number(power);
  const digits = BigInt(whole + fraction);
  return exponent >= 0 ? [digits, exponent] : [digits * 10n ** BigInt(-exponent), 0];
}

/** Digits beyond 19 that the largest value in units of `scale` places can have. */
function extraDigits(factor: number, scale: number): number {
  return Math.max(0, Math.ceil(scale - Math.log10(factor) - 1e-9));
}

function runtime(leaf: Leaf, sourceType: string): Mapping {
  const note = 'Computed by the server when it is read (runtime field).';
  const made = (type: ColumnType, codec: Codec): Mapping => ({ type, codec, from: 'fields', sourceType, note });
  switch (baseType(leaf.definitions[0]!)) {
    case 'long':
      return made('int64', 'integer');
    case 'double':
      return made('float64', 'float');
    case 'boolean':
      return made('boolean', 'boolean');
    case 'date':
      return made('timestamptz', 'instant');
    default:
      return made('text', 'text');
  }
}

function declaredPlaces({ decimal_fields }: MappingContext['config'], path: string): number | null {
  const declared = decimal_fields?.find((one) => one.slice(0, one.lastIndexOf(':')) === path);
  return declared ? Math.min(38, Number(declared.slice(declared.lastIndexOf(':') + 1))) : null;
}

function baseType({ type, properties }: FieldMapping): string {
  return type ?? (properties ? 'object' : 'object');
}

function typeName(field: FieldMapping): string {
  const type = baseType(field);
  if (type === 'scaled_float') return `scaled_float(${field.scaling_factor})`;
  return type.startsWith('date') && field.format ? `${type}(${field.format})` : type;
}
