import {
  ProblemError,
  type ColumnInfo,
  type ProblemItem,
  type Recipe,
  type RecipeSource,
  type Run,
  type SourceRef,
  columnsInstead,
  quotedNames,
} from '@kalla/core';
import type { RunFile } from '../db/schema.server.ts';
import { lastCompletedRun } from '../runs/run-repository.server.ts';
import { services } from '../services.server.ts';
import { findSource, type SourceRow } from '../sources/source-repository.server.ts';
import { sourceRef } from '../sources/sources.server.ts';
import { describeFor, uploadSource } from '../uploads/uploads.server.ts';
import { findUpload } from '../uploads/upload-repository.server.ts';

export type Side = 'left' | 'right';

/** One side of a recipe with everything a run needs to know of it. */
export interface ResolvedSide {
  alias: string;
  primaryKey: string[];
  /** May hold secrets: for the worker only. */
  ref: SourceRef & { alias: string };
  /** What a run shows of it. */
  shown: Run['left'];
  file?: RunFile;
  /** Columns whose type was chosen when the file was uploaded. */
  chosen?: ReadonlySet<string>;
  /** The address is a file on another machine, which is to be reached before a run starts. */
  isUrl: boolean;
}

/** The registered source that a side of a recipe stands for: by alias alone, or by the same address without secrets. */
export async function registeredSource(side: RecipeSource): Promise<SourceRow | undefined> {
  if (side.type === 'file') return undefined;
  const row = await findSource(services().db, side.alias);
  return row && (side.uri === undefined || side.uri === row.uri) ? row : undefined;
}

/** The key of a side: the recipe's own, else that of the registered source. Throws `validation` where neither names one. */
export async function primaryKeyOf(side: RecipeSource, name: Side): Promise<string[]> {
  const registered = await registeredSource(side);
  if (side.uri === undefined && side.type !== 'file' && !registered) {
    throw new ProblemError(
      'validation',
      `There is no source named "${side.alias}". Register it first, or give its "uri" in the recipe.`,
      [{ field: `sources.${name}.alias`, message: 'no such source' }],
    );
  }
  if (registered && side.type !== undefined && side.type !== registered.type) {
    throw new ProblemError(
      'validation',
      `The source "${side.alias}" is registered as ${registered.type}, the recipe says ${side.type}.`,
      [{ field: `sources.${name}.type`, message: `registered as ${registered.type}` }],
    );
  }
  const key = side.primary_key ?? registered?.primaryKey;
  if (key) return key;
  throw new ProblemError(
    'validation',
    `Source "${side.alias}" needs "primary_key": the columns that tell one row from another.`,
    [{ field: `sources.${name}.primary_key`, message: 'missing' }],
  );
}

/**
 * Brings together a recipe and the files of a run. Throws `missing-columns` for a file that does not fit, `validation` for a
 * file too few or too many.
 */
export async function resolveSides(recipe: Recipe, files: Record<string, string>): Promise<Record<Side, ResolvedSide>> {
  const { left, right } = recipe.sources;
  for (const alias of Object.keys(files)) {
    const side = [left, right].find((one) => one.alias === alias);
    if (side?.type === 'file') continue;
    throw new ProblemError(
      'validation',
      side
        ? `Source "${alias}" is not a file, so none can be given for it.`
        : `The recipe has no source named "${alias}". Its sources are "${left.alias}" and "${right.alias}".`,
      [{ field: `files.${alias}`, message: 'not a file source of this recipe' }],
    );
  }
  const before = await typesOfLastRun(recipe);
  const resolve = async (side: RecipeSource, name: Side) =>
    withTypes(await resolveSide(side, name, files), side.types ?? before?.[name]);
  return { left: await resolve(left, 'left'), right: await resolve(right, 'right') };
}

type Types = NonNullable<RecipeSource['types']>;

/**
 * The types that the rule was last seen to work with: a recipe in the seed's own form records none. Only runs of this very
 * rule count.
 */
async function typesOfLastRun(recipe: Recipe): Promise<Record<Side, Types> | undefined> {
  const row = await lastCompletedRun(services().db, recipe.recipe_id);
  if (row?.recipe.match_sql !== recipe.match_sql) return undefined;
  const typesOf = (alias: string, side: Run['left']): Types =>
    side.alias === alias ? Object.fromEntries((side.columns ?? []).map(({ name, type }) => [name, type])) : {};
  return {
    left: typesOf(recipe.sources.left.alias, row.left),
    right: typesOf(recipe.sources.right.alias, row.right),
  };
}

/** Asks for the recipe's types where the file shows others, but for columns whose type the upload's own options say. */
function withTypes(resolved: ResolvedSide, types: Types | undefined): ResolvedSide {
  if (!types) return resolved;
  const shown = new Map(resolved.shown.columns?.map(({ name, type }) => [name, type]));
  const asked = Object.entries(types).filter(([name, type]) => shown.get(name) !== type && !resolved.chosen?.has(name));
  if (asked.length === 0) return resolved;
  return { ...resolved, ref: { ...resolved.ref, column_types: Object.fromEntries(asked) } };
}

async function resolveSide(side: RecipeSource, name: Side, files: Record<string, string>): Promise<ResolvedSide> {
  const primaryKey = await primaryKeyOf(side, name);
  if (side.type === 'file') return resolveFile(side, primaryKey, files[side.alias]);
  const registered = await registeredSource(side);
  const base = { alias: side.alias, primaryKey };
  if (registered) {
    return {
      ...base,
      ref: { ...(await sourceRef(side.alias)), alias: side.alias },
      shown: { alias: side.alias, type: registered.type, uri: registered.uri, primary_key: primaryKey },
      isUrl: /^https?:/i.test(registered.uri),
    };
  }
  const uri = side.uri ?? '';
  return {
    ...base,
    ref: {
      alias: side.alias,
      uri,
      ...(side.type ? { type: side.type } : {}),
      ...(side.options ? { options: side.options } : {}),
    },
    shown: { alias: side.alias, type: side.type ?? 'uri', uri, primary_key: primaryKey },
    isUrl: /^https?:/i.test(uri),
  };
}

async function resolveFile(
  side: RecipeSource,
  primaryKey: string[],
  uploadId: string | undefined,
): Promise<ResolvedSide> {
  const field = `files.${side.alias}`;
  if (uploadId === undefined) {
    throw new ProblemError(
      'validation',
      `Source "${side.alias}" is a file: upload it, and name the upload in "files".`,
      [{ field, message: 'missing' }],
    );
  }
  const row = await findUpload(services().db, uploadId);
  if (!row) {
    throw new ProblemError(
      'validation',
      `There is no upload "${uploadId}". Files are kept for 24 hours; upload it again.`,
      [{ field, message: 'no such upload' }],
    );
  }
  const description = await describeFor(row, side.options);
  const expected = [...new Set([...(side.schema ?? []), ...primaryKey])].filter((column) => column !== '_row');
  assertColumns(row.filename, side.alias, expected, description.columns);
  const file = { upload_id: row.uploadId, filename: row.filename, sha256: row.sha256 };
  return {
    alias: side.alias,
    primaryKey,
    ref: { ...uploadSource(row, description), alias: side.alias, expected_columns: expected },
    shown: {
      alias: side.alias,
      type: description.type,
      filename: row.filename,
      upload_id: row.uploadId,
      primary_key: primaryKey,
      columns: description.columns,
      notes: description.notes,
    },
    file,
    chosen: new Set(Object.keys((row.options.columns as object | undefined) ?? {})),
    isUrl: false,
  };
}

/** Throws `missing-columns` with a sentence that names each absent column, and the one that was probably meant. */
export function assertColumns(
  filename: string,
  alias: string,
  expected: readonly string[],
  columns: readonly ColumnInfo[],
): void {
  const names = new Set(columns.map((column) => column.name));
  const missing = expected.filter((column) => !names.has(column));
  if (missing.length === 0) return;
  const items = missing.map((column): ProblemItem => {
    const alike = columns.find((one) => one.name.trim().toLowerCase() === column.trim().toLowerCase())?.name;
    return {
      field: `files.${alias}`,
      file: filename,
      column,
      message: 'missing',
      ...(alike ? { hint: `The file has "${alike}", which differs in capitals or spaces only.` } : {}),
    };
  });
  const alike = [...new Set(items.flatMap((item) => (item.hint ? [` ${item.hint}`] : [])))].slice(0, 10).join('');
  const found = columnsInstead(
    missing,
    columns.map(({ name }) => name),
  );
  throw new ProblemError(
    'missing-columns',
    `${filename} does not fit "${alias}": ${missing.length === 1 ? 'the column' : 'the columns'} ${quotedNames(missing)} ${missing.length === 1 ? 'is' : 'are'} missing.${alike || ` ${found}`}`,
    items,
  );
}
