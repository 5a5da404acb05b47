import { ConnectorError, type ColumnInfo, type Note, type Operation } from '@kalla/core';
import type { Server } from './client.ts';
import { countLists } from './lists.ts';
import type { Leaf, TableMapping } from './mapping.ts';
import { mapLeaf, type Mapping } from './types.ts';
import { whyNoColumn, whyNotKept } from './unread.ts';

/** A column as it is read. */
export interface PlannedColumn {
  info: ColumnInfo;
  /** `_id` and `_index` come with each document and are no fields of it. */
  meta: '_id' | '_index' | null;
  /** Dotted name of the field, as requests write it. */
  path: string;
  /** Where its values stand in the document: elsewhere for an alias. */
  sourcePath: string;
  mapping: Mapping;
  leaf: Leaf | null;
}

export interface Columns {
  columns: PlannedColumn[];
  notes: Note[];
}

const TEXT: Mapping = { type: 'text', codec: 'text', from: 'source', sourceType: '_id' };

/** All columns of a table, with the key first, and a note for everything that is not read as it is. */
export async function planColumns(
  server: Server,
  table: string,
  mapping: TableMapping,
  isSingle: boolean,
  operation: Operation,
): Promise<Columns> {
  const notes: Note[] = [];
  const byPath = new Map(mapping.leaves.map((leaf) => [leaf.path, leaf]));
  const leaveOut = (path: string, why: string) => notes.push({ message: `The field "${path}" is not read: ${why}.` });
  const fields = mapping.leaves.flatMap((leaf) => {
    const why = whyNoColumn(leaf);
    if (why) {
      leaveOut(leaf.path, why);
      return [];
    }
    const alias = leaf.definitions.find(({ type }) => type === 'alias');
    if (!alias) return [{ leaf, path: leaf.path }];
    const target = byPath.get(alias.path ?? '');
    // An alias for what is no field of its own, as a multi-field, shows nothing new.
    return target && !whyNoColumn(target) ? [{ leaf: target, path: leaf.path }] : [];
  });
  const lists = await countLists(
    server,
    table,
    fields.map(({ leaf }) => leaf),
    operation,
  );
  const columns: PlannedColumn[] = (isSingle ? (['_id'] as const) : (['_index', '_id'] as const)).map((name) => ({
    info: { name, type: 'text', source_type: name, nullable: false },
    meta: name,
    path: name,
    sourcePath: name,
    mapping: { ...TEXT, sourceType: name },
    leaf: null,
  }));
  const taken = new Set(columns.map(({ info }) => info.name));
  for (const { leaf, path } of fields) {
    const found = mapLeaf(leaf, { config: server.config, lists });
    const why = whyNotKept(leaf, found, mapping.keeping);
    if (why) {
      leaveOut(path, why);
      continue;
    }
    const name = freeName(path, taken);
    columns.push({
      info: { name, type: found.type, source_type: found.sourceType },
      meta: null,
      path,
      sourcePath: leaf.path,
      mapping: found,
      leaf,
    });
    const say = (message: string) => notes.push({ column: name, message });
    if (found.note) say(found.note);
    if (name !== path) say(`The field is called "${path}", which differs from another only by capitals.`);
    if (path !== leaf.path) say(`Another name for "${leaf.path}".`);
    else if (leaf.multiFields.length)
      say(`Its multi-fields (${leaf.multiFields.join(', ')}) hold the same values and are not read.`);
  }
  if (columns.some(({ mapping: { codec, from } }) => codec === 'text' && from === 'source'))
    notes.push({ message: 'Where a text field holds several values, they are read as a JSON list: ["a","b"].' });
  if (mapping.isRouted)
    notes.push({ message: 'Documents are placed by a routing value, so Elasticsearch does not keep an id unique.' });
  return { columns, notes };
}

/** The engine tells no capitals apart in the name of a column. */
function freeName(path: string, taken: Set<string>): string {
  let name = path;
  for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${path} (${count})`;
  taken.add(name.toLowerCase());
  return name;
}

/** The columns that are asked for, in that order. Throws `schema-changed` where one is not there. */
export function chooseColumns(table: string, { columns, notes }: Columns, wanted?: readonly string[]): Columns {
  if (!wanted) return { columns, notes };
  const byName = new Map(columns.map((column) => [column.info.name, column]));
  const missing = wanted.filter((name) => !byName.has(name));
  if (missing.length) throw columnsGone(table, missing, [...byName.keys()]);
  const chosen = wanted.map((name) => byName.get(name)!);
  return { columns: chosen, notes: notes.filter(({ column }) => column === undefined || wanted.includes(column)) };
}

/** `schema-changed`: which columns a recipe or plan relies on are gone, and what there is now. */
export function columnsGone(table: string, missing: readonly string[], present: readonly string[]): ConnectorError {
  const list = (names: readonly string[]) => {
    const shown = names
      .slice(0, 30)
      .map((name) => `"${name}"`)
      .join(', ');
    return names.length > 30 ? `${shown} and ${names.length - 30} more` : shown;
  };
  const [noun, verb] = missing.length === 1 ? ['field', 'is'] : ['fields', 'are'];
  return new ConnectorError(
    'schema-changed',
    `"${table}": ${noun} ${list(missing)} ${verb} not there. It has ${list(present)}.`,
    {
      hint: 'Put the field back, or change the recipe to the fields that are there now.',
      faults: missing.slice(0, 20).map((column) => ({ column, message: `The field "${column}" is not there.` })),
    },
  );
}
