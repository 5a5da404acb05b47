import {
  ProblemError,
  type KeyProof,
  type NormalizedSource,
  type Recipe,
  type RowsPage,
  type Source,
  type SourceEstimate,
  type SourceRef,
  type sourceInputSchema,
  type sourcePatchSchema,
} from '@kalla/core';
import type { z } from 'zod';
import { buildInUse } from '../connectors/lock-file.server.ts';
import type { PageQuery } from '../cursor.server.ts';
import { leafNames, mergeDeep, withoutShown } from '../merge.server.ts';
import { allRecipes } from '../recipes/recipe-repository.server.ts';
import { services } from '../services.server.ts';
import { assertSecretsStay } from './secrets-stay.server.ts';
import * as repository from './source-repository.server.ts';
import type { SourceRow } from './source-repository.server.ts';

type SourceInput = z.infer<typeof sourceInputSchema>;
type SourcePatch = z.infer<typeof sourcePatchSchema>;

/** Registers a source. Its settings are checked by its connector; nothing is connected to. */
export async function createSource(input: SourceInput): Promise<Source> {
  if (input.type === 'file') {
    throw new ProblemError(
      'validation',
      'A file is not registered as a source: it is given anew for each run. Upload it.',
      [{ field: 'type', message: 'not a source' }],
    );
  }
  if (input.uri === undefined && input.config === undefined) {
    throw new ProblemError(
      'validation',
      'A source needs an address: give "uri", or "config" as its connector describes it.',
      [{ field: 'uri', message: 'missing' }],
    );
  }
  const { db, worker, secrets } = services();
  const { type, uri, config, table } = input;
  const normalized = await worker.normalize(
    config === undefined ? { type, uri, table } : { type, config: mergeDeep(config), table },
  );
  const now = new Date();
  const row = rowOf(input.alias, normalized, input.primary_key ?? null, now, now);
  if (!(await repository.insertSource(db, row, secrets.seal(row.alias, normalized.secrets)))) {
    throw new ProblemError(
      'conflict',
      `There is a source named "${input.alias}" already. Choose another alias, or change that one.`,
      [{ field: 'alias', message: 'taken' }],
    );
  }
  return toSource(row);
}

/** Changes what the body names. Secrets that it does not name stay; a secret that is null is taken away. */
export async function patchSource(alias: string, patch: SourcePatch): Promise<Source> {
  const { db, secrets } = services();
  const { row, secrets: open } = await changedSource(await sourceRow(alias), patch);
  if (!(await repository.updateSource(db, row, secrets.seal(alias, open)))) throw missing(alias);
  return toSource(row);
}

/** What a source becomes by a change: its row, and its secrets, which are never logged. Nothing is stored. */
export async function changedSource(
  row: SourceRow,
  patch: SourcePatch,
): Promise<{ row: SourceRow; secrets: Record<string, unknown> }> {
  const { worker } = services();
  const { alias } = row;
  let normalized: NormalizedSource;
  if (patch.uri === undefined && patch.config === undefined && patch.table === undefined) {
    normalized = {
      type: row.type,
      table: row.tableName,
      uri: row.uri,
      public_config: row.config,
      secrets: await secretsOf(alias),
      connector: row.connector,
    };
  } else {
    normalized = await normalizeChange(row, patch);
  }
  return {
    row: rowOf(alias, normalized, patch.primary_key ?? row.primaryKey, row.createdAt, new Date()),
    secrets: normalized.secrets,
  };

  async function normalizeChange(before: SourceRow, change: SourcePatch): Promise<NormalizedSource> {
    const kept = await secretsOf(before.alias);
    const type = before.type;
    if (change.uri !== undefined && change.config === undefined) {
      const fresh = await worker.normalize({ type, uri: change.uri, table: change.table });
      const table = fresh.table ?? undefined;
      const given = mergeDeep(withoutShown(fresh.public_config, before.config, kept), fresh.secrets);
      return stayed(before, kept, given, await worker.normalize({ type, table, config: mergeDeep(kept, given) }));
    }
    const table = change.table ?? before.tableName ?? undefined;
    const given = withoutShown(change.config ?? before.config, before.config, kept);
    return stayed(before, kept, given, await worker.normalize({ type, table, config: mergeDeep(kept, given) }));
  }
}

/** A change of a source, unless it would send a stored secret to another server. */
export function stayed(
  before: Pick<SourceRow, 'config'>,
  kept: Record<string, unknown>,
  given: Record<string, unknown>,
  normalized: NormalizedSource,
): NormalizedSource {
  const { public_config: after, secrets } = normalized;
  assertSecretsStay({ before: before.config, after, secrets, kept, given });
  return normalized;
}

/** One source without its secrets; throws `not-found`. */
export async function getSource(alias: string): Promise<Source> {
  return toSource(await sourceRow(alias));
}

export async function listSources(query: PageQuery): Promise<{ sources: Source[]; next: string | null }> {
  const page = await repository.pageSources(services().db, query);
  return { sources: page.items.map(toSource), next: page.next };
}

/** Deletes a source with its secrets; throws `conflict` while a recipe names it. */
export async function removeSource(alias: string): Promise<void> {
  const { db } = services();
  const row = await sourceRow(alias);
  const users = (await allRecipes(db)).filter((recipe) => usesSource(recipe, row)).map((recipe) => recipe.recipe_id);
  if (users.length > 0) {
    throw new ProblemError(
      'conflict',
      `The source "${alias}" is used by ${users.length === 1 ? 'the recipe' : 'the recipes'} ${users.map((id) => `"${id}"`).join(', ')}. Change or delete ${users.length === 1 ? 'it' : 'them'} first.`,
      users.map((id) => ({ message: `used by recipe ${id}`, recipe_id: id })),
    );
  }
  await repository.deleteSource(db, alias);
}

/** True where a side of the recipe stands for this registered source. */
export function usesSource(recipe: Recipe, row: Pick<SourceRow, 'alias' | 'uri'>): boolean {
  return [recipe.sources.left, recipe.sources.right].some(
    (side) => side.alias === row.alias && side.type !== 'file' && (side.uri === undefined || side.uri === row.uri),
  );
}

/** Steps of a connection check as server-sent events. */
export async function checkSource(alias: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  return services().worker.check(await sourceRef(alias), signal);
}

/** What reading a source comes to before it is read; nulls where it does not say. */
export async function sourceEstimate(alias: string, signal: AbortSignal): Promise<SourceEstimate> {
  const { estimate, row_count: rows } = await services().worker.describe(await sourceRef(alias), signal);
  return estimate ?? { rows, bytes: null };
}

export async function sourceTables(
  alias: string,
  query: { q?: string | undefined; cursor?: string | undefined; limit?: number | undefined },
  signal: AbortSignal,
) {
  return services().worker.tables(await sourceRef(alias), query, signal);
}

export async function sourcePreview(alias: string, limit: number, signal: AbortSignal): Promise<RowsPage> {
  return services().worker.preview(await sourceRef(alias), { offset: 0, limit }, signal);
}

/** Proves a key of a source on its rows, or finds one. */
export async function sourceKeys(alias: string, columns: string[] | undefined, signal: AbortSignal): Promise<KeyProof> {
  return services().worker.keys(await sourceRef(alias), columns, signal);
}

/** The source as the worker takes it, secrets included: never log it. */
export async function sourceRef(alias: string): Promise<SourceRef> {
  const row = await sourceRow(alias);
  return {
    type: row.type,
    config: mergeDeep(row.config, await secretsOf(alias)),
    ...(row.tableName === null ? {} : { table: row.tableName }),
    connector: presentConnector(row.connector),
  };
}

/** A saved source is read with the build that is installed now. A job names it, and keeps it over an upgrade. */
function presentConnector(saved: SourceRow['connector']): NonNullable<SourceRef['connector']> {
  return buildInUse(services().env.dataDir, saved.package) ?? saved;
}

/** The stored row; throws `not-found`. */
export async function sourceRow(alias: string): Promise<SourceRow> {
  const row = await repository.findSource(services().db, alias);
  if (row) return row;
  throw missing(alias);
}

const missing = (alias: string) => new ProblemError('not-found', `There is no source named "${alias}".`);

/** The secrets of a source, opened: never log them. Throws `source-config` where the key of this Kalla is not theirs. */
export async function secretsOf(alias: string): Promise<Record<string, unknown>> {
  const { db, secrets } = services();
  const sealed = await repository.findSecrets(db, alias);
  if (sealed === undefined) return {};
  try {
    return secrets.open(alias, sealed);
  } catch (cause) {
    throw new ProblemError(
      'source-config',
      `The stored secrets of "${alias}" cannot be opened: the key of this Kalla is not the one they were stored with. Restore the key, or enter the secrets again.`,
      undefined,
      cause,
    );
  }
}

/** A new source without a key, from what its connector made of its settings. Nothing is stored. */
export function sourceRowOf(alias: string, normalized: NormalizedSource) {
  const now = new Date();
  return { row: rowOf(alias, normalized, null, now, now), secrets: normalized.secrets };
}

function rowOf(
  alias: string,
  normalized: NormalizedSource,
  primaryKey: string[] | null,
  createdAt: Date,
  updatedAt: Date,
): SourceRow {
  return {
    alias,
    type: normalized.type,
    uri: normalized.uri,
    config: normalized.public_config,
    tableName: normalized.table,
    primaryKey,
    connector: normalized.connector,
    secretsSet: leafNames(normalized.secrets),
    createdAt,
    updatedAt,
  };
}

function toSource(row: SourceRow): Source {
  return {
    alias: row.alias,
    type: row.type,
    uri: row.uri,
    config: row.config,
    secrets_set: row.secretsSet,
    table: row.tableName,
    primary_key: row.primaryKey,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
