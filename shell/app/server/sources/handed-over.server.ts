import { ProblemError, type HandoverForm } from '@kalla/core';
import { withPanels } from '../../federation/connector-panels.server.ts';
import type { Db } from '../db/database.server.ts';
import { mergeDeep } from '../merge.server.ts';
import { hashToken, sameHash } from '../runs/run-callbacks.server.ts';
import { services } from '../services.server.ts';
import { findHandover, linkHandover, useHandover, type HandoverRow } from './handover-repository.server.ts';
import { connectorOf, isOver, lostSource } from './handover.server.ts';
import { draftRef } from './source-drafts.server.ts';
import { findSource, insertSource, updateSource, type SourceRow } from './source-repository.server.ts';
import { changedSource, sourceRowOf } from './sources.server.ts';

/** What can be done with the secret of a link, and nothing else can: see the form of one source, check it, save it once. */

type Settings = Record<string, unknown>;
const ASK = 'Ask who sent it to you for a new one.';

/** The form of the source. Throws `not-found`, `gone` or `conflict` with what is wrong with the link. */
export async function handoverForm(token: string): Promise<HandoverForm> {
  const { row, source } = await opened(token);
  const found = await connectorOf(row.type);
  return {
    alias: row.alias,
    connector: withPanels([found])[0] ?? found,
    config: source?.config ?? {},
    secrets_set: source?.secretsSet ?? [],
    expires_at: row.expiresAt.toISOString(),
  };
}

/** Steps of a check of what was filled in, as server-sent events. */
export async function checkHandover(
  token: string,
  config: Settings,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const { row, source } = await opened(token);
  const table = source?.tableName ?? undefined;
  const draft = { type: row.type, config, ...(source ? { alias: source.alias } : {}), ...(table ? { table } : {}) };
  return services().worker.check(await draftRef(draft), signal);
}

/**
 * Saves what was filled in, and uses the link up, both or neither. Settings that their connector refuses leave the link as it
 * is. Of two who save at the same time the second is told that the first was quicker.
 */
export async function saveHandover(token: string, config: Settings): Promise<{ alias: string; done_at: string }> {
  const { db, worker, secrets } = services();
  const { row, source } = await opened(token);
  const { row: changed, secrets: given } = source
    ? await changedSource(source, { config })
    : sourceRowOf(row.alias, await worker.normalize({ type: row.type, config: mergeDeep(config) }));
  const now = new Date();
  const sealed = secrets.seal(row.alias, given);
  await db.transaction(async (tx) => {
    if (!(await useHandover(tx, row.handoverId, now))) throw await refusal(tx, row.handoverId);
    if (source) {
      if (!(await updateSource(tx, changed, sealed))) throw deleted(row);
    } else {
      if (!(await insertSource(tx, changed, sealed))) throw taken(row.alias);
      await linkHandover(tx, row.handoverId, row.alias);
    }
  });
  return { alias: row.alias, done_at: now.toISOString() };
}

/** A link that works, with its source where there is one. */
async function opened(token: string): Promise<{ row: HandoverRow; source: SourceRow | undefined }> {
  const { db } = services();
  const row = await findHandover(db, token.split('.')[0] ?? '');
  // Compared even where nothing was found, so that the time of the answer does not tell a known link from an unknown one.
  const same = sameHash(hashToken(token), row?.tokenHash ?? hashToken(''));
  if (!row || !same) throw unknown();
  const source = row.source === null ? undefined : await findSource(db, row.source);
  const reason = reasonOf(row);
  if (reason) throw reason;
  if (row.makesSource && (await findSource(db, row.alias))) throw taken(row.alias);
  return { row, source };
}

/** What is wrong with a link, or null where it works. */
function reasonOf(row: HandoverRow): ProblemError | null {
  if (lostSource(row)) return deleted(row);
  if (row.doneAt) {
    return new ProblemError(
      'conflict',
      `This link has been used: the connection of "${row.alias}" was filled in with it, and it works once. Nothing was changed now. ${ASK}`,
    );
  }
  if (row.revokedAt) return new ProblemError('gone', `This link was taken back by who made it. ${ASK}`);
  if (isOver(row)) return new ProblemError('gone', `This link has expired. ${ASK}`);
  return null;
}

/** Why a link could not be used up although it worked a moment ago. */
async function refusal(db: Db, handoverId: string): Promise<ProblemError> {
  const row = await findHandover(db, handoverId);
  return (row && reasonOf(row)) ?? unknown();
}

const unknown = () =>
  new ProblemError(
    'not-found',
    `This link is not complete, or it was never made here. Open it again as it was sent. ${ASK}`,
  );
const deleted = (row: HandoverRow) =>
  new ProblemError('gone', `The source "${row.alias}" that this link was made for has been deleted.`);
const taken = (alias: string) =>
  new ProblemError('conflict', `There is another source named "${alias}" by now. ${ASK}`);
