import type { Operation } from '@kalla/core';
import type { Server } from './client.ts';
import { inPath } from './tables.ts';

/** A field as a mapping writes it. */
export interface FieldMapping {
  type?: string;
  properties?: Record<string, FieldMapping>;
  fields?: Record<string, FieldMapping>;
  enabled?: boolean;
  format?: string;
  scaling_factor?: number;
  path?: string;
  doc_values?: boolean;
  index?: boolean;
  ignore_malformed?: boolean;
  ignore_above?: number;
  null_value?: unknown;
  normalizer?: string;
}

export interface IndexMapping {
  properties?: Record<string, FieldMapping>;
  runtime?: Record<string, FieldMapping>;
  _source?: { enabled?: boolean; mode?: string; includes?: string[]; excludes?: string[] };
  _routing?: { required?: boolean };
}

/** A field that holds values of its own, by its dotted name, as the indices of a table define it. */
export interface Leaf {
  path: string;
  /** One for each index that has it and defines it differently. */
  definitions: FieldMapping[];
  /** Names of its multi-fields: the same values, indexed in another way. */
  multiFields: string[];
  isRuntime: boolean;
  /** Computed in some indices, and held by the documents in others. */
  isPartlyRuntime: boolean;
}

/** Patterns of the fields that an index keeps in its documents; all where `includes` is empty. */
export interface SourceKeeping {
  includes: readonly string[];
  excludes: readonly string[];
}

export interface TableMapping {
  leaves: Leaf[];
  /** The documents themselves are stored. */
  hasSource: boolean;
  /** What the indices leave out of the documents that they store. */
  keeping: SourceKeeping[];
  /** Documents have places of their own choosing, so that an id may occur twice. */
  isRouted: boolean;
  /** How many indices are behind the table. */
  indices: number;
}

/** Mappings of all indices behind a table, in one. */
export async function readMapping(server: Server, table: string, operation: Operation): Promise<TableMapping> {
  const answer = await server.json<Record<string, { mappings: IndexMapping }>>(
    { method: 'GET', path: `/${inPath(table)}/_mapping`, table },
    operation,
  );
  return mergeMappings(Object.values(answer).map(({ mappings }) => mappings));
}

/**
 * Fields of several indices by dotted name, in the order in which they are first met.
 *
 * @example mergeMappings([{ properties: { a: { properties: { b: { type: 'long' } } } } }]).leaves[0].path === 'a.b'
 */
export function mergeMappings(mappings: readonly IndexMapping[]): TableMapping {
  const leaves = new Map<string, Leaf>();
  for (const { properties = {}, runtime = {} } of mappings) {
    visit(properties, '', (path, field) => add(leaves, path, field, false));
    for (const [path, field] of Object.entries(runtime)) add(leaves, path, field, true);
  }
  return {
    leaves: [...leaves.values()],
    hasSource: mappings.every(({ _source }) => _source?.enabled !== false),
    keeping: mappings.flatMap(({ _source: { includes = [], excludes = [] } = {} }) =>
      includes.length + excludes.length > 0 ? [{ includes, excludes }] : [],
    ),
    isRouted: mappings.some(({ _routing }) => _routing?.required === true),
    indices: mappings.length,
  };
}

/** An object is walked through; what is read as one JSON text is a leaf: nested lists, objects without fields of their own. */
function visit(
  properties: Record<string, FieldMapping>,
  prefix: string,
  found: (path: string, field: FieldMapping) => void,
): void {
  for (const [name, field] of Object.entries(properties)) {
    const path = prefix + name;
    const inner = field.properties && Object.keys(field.properties).length > 0 ? field.properties : null;
    if (inner && field.type !== 'nested' && field.enabled !== false) visit(inner, `${path}.`, found);
    else found(path, field);
  }
}

function add(leaves: Map<string, Leaf>, path: string, field: FieldMapping, isRuntime: boolean): void {
  const multiFields = Object.keys(field.fields ?? {});
  const known = leaves.get(path);
  if (!known) {
    leaves.set(path, { path, definitions: [field], multiFields, isRuntime, isPartlyRuntime: false });
    return;
  }
  known.isPartlyRuntime ||= known.isRuntime !== isRuntime;
  const text = JSON.stringify(field);
  if (!known.definitions.some((one) => JSON.stringify(one) === text)) known.definitions.push(field);
  for (const name of multiFields) if (!known.multiFields.includes(name)) known.multiFields.push(name);
}
