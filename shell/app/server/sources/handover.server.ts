import { randomBytes } from 'node:crypto';
import { ProblemError, type HandoverLink, type HandoverState } from '@kalla/core';
import { hashToken } from '../runs/run-callbacks.server.ts';
import { services } from '../services.server.ts';
import {
  forgetHandovers,
  insertHandover,
  newestHandover,
  revokeHandover,
  type HandoverRow,
} from './handover-repository.server.ts';
import { findSource } from './source-repository.server.ts';

const HOUR_MS = 60 * 60 * 1000;
/** How long a link that ended still answers with what became of it. */
const KEPT_MS = 90 * 24 * HOUR_MS;

/**
 * Makes the link that hands the connection of a source over. Its secret is behind `#`, which a browser sends to nobody: it is
 * in no request line, no log of a proxy and no referrer. A link that was made before and not used stops working.
 *
 * @param origin where the link leads to, for example `http://localhost:3000`
 */
export async function startHandover(alias: string, type: string | undefined, origin: string): Promise<HandoverLink> {
  const { db, env } = services();
  const source = await findSource(db, alias);
  if (!source && type === undefined) throw new ProblemError('not-found', `There is no source named "${alias}".`);
  if (source && type !== undefined) {
    throw new ProblemError('conflict', `There is a source named "${alias}" already. Choose another name.`, [
      { field: 'alias', message: 'taken' },
    ]);
  }
  if (type !== undefined) await connectorOf(type);
  const now = new Date();
  const handoverId = randomBytes(12).toString('base64url');
  const token = `${handoverId}.${randomBytes(32).toString('base64url')}`;
  const row: HandoverRow = {
    handoverId,
    tokenHash: hashToken(token),
    alias,
    type: source?.type ?? type ?? '',
    source: source?.alias ?? null,
    makesSource: !source,
    createdAt: now,
    expiresAt: new Date(now.getTime() + env.handoverHours * HOUR_MS),
    doneAt: null,
    revokedAt: null,
  };
  await insertHandover(db, row);
  await forgetHandovers(db, new Date(now.getTime() - KEPT_MS));
  return { url: `${origin}/handover#${token}`, expires_at: row.expiresAt.toISOString() };
}

/** What became of the newest link of a source; `none` where there was none. */
export async function handoverState(alias: string): Promise<HandoverState> {
  const row = await newestHandover(services().db, alias);
  if (!row) return { state: 'none', created_at: null, expires_at: null, done_at: null };
  return {
    // A link of a source that was deleted says nothing about another one that got its name.
    state: lostSource(row)
      ? 'none'
      : row.doneAt
        ? 'done'
        : row.revokedAt
          ? 'revoked'
          : isOver(row)
            ? 'expired'
            : 'pending',
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
    done_at: row.doneAt?.toISOString() ?? null,
  };
}

/** Takes the link back. Throws `conflict` where it was used, and `not-found` where none works. */
export async function endHandover(alias: string): Promise<void> {
  const { db } = services();
  if (await revokeHandover(db, alias, new Date())) return;
  const row = await newestHandover(db, alias);
  if (row?.doneAt) {
    throw new ProblemError('conflict', `The link for "${alias}" has been used: what was filled in is saved.`);
  }
  throw new ProblemError('not-found', `There is no link for "${alias}" that still works.`);
}

/** True where the source that the link was for, or that was made with it, has been deleted. */
export function lostSource(row: HandoverRow): boolean {
  return row.source === null && (!row.makesSource || row.doneAt !== null);
}

export function isOver(row: Pick<HandoverRow, 'expiresAt'>): boolean {
  return row.expiresAt.getTime() <= Date.now();
}

/** The connector of a type; throws `validation` where none is installed. */
export async function connectorOf(type: string) {
  const found = (await services().worker.connectors()).find((one) => one.type === type && one.error === null);
  if (found && type !== 'file') return found;
  throw new ProblemError('validation', `No connector for sources of type "${type}" is installed.`, [
    { field: 'type', message: 'not installed' },
  ]);
}
