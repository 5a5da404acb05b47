import {
  CONNECTORS_LOCK,
  ProblemError,
  type ConnectorInfo,
  type ConnectorPackage,
  type InstalledConnector,
} from '@kalla/core';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { withPanels } from '../../federation/connector-panels.server.ts';
import { services } from '../services.server.ts';
import { assertUnused, usersOf } from './connector-users.server.ts';
import { lockedOf, lockFault, readLock, withEntry, withoutEntry, writeLock } from './lock-file.server.ts';
import { npm } from './npm.server.ts';
import { tidyUnused } from './tidy-unused.server.ts';
import { trySuccessor } from './users-stay.server.ts';

/** What a package of the registry has to say of itself to be found. */
export const KEYWORD = 'kalla-connector';
const MOST_FOUND = 50;

/**
 * Every connector that is here, the built-in ones first, each with where its own panel is served. `problem` says what is wrong with
 * the file that says what is installed, and what to do; null where it is well.
 */
export async function listConnectors(
  signal?: AbortSignal,
): Promise<{ connectors: ConnectorInfo[]; problem: string | null }> {
  const { worker, env } = services();
  const all = withPanels(await worker.connectors(signal));
  // The worker lists a damaged lock file among the connectors: it is none.
  return { connectors: all.filter((one) => one.package !== CONNECTORS_LOCK), problem: lockFault(env.dataDir) };
}

/** Goes back to the version before, which is tried first; what was in use can be come back to. */
export async function rollBack(name: string, signal?: AbortSignal): Promise<InstalledConnector> {
  const { installs, env, worker, log } = services();
  return installs.run(async () => {
    const { previous, ...present } = await installedEntry(name);
    if (!previous)
      throw new ProblemError('conflict', `There is no version of ${name} before ${present.version} to go back to.`);
    if (!existsSync(resolve(env.dataDir, previous.path, 'package.json')))
      throw new ProblemError(
        'conflict',
        `The files of ${name} ${previous.version}, which was kept to go back to, are missing. Install that version again in place of going back.`,
      );
    const connectors = await trySuccessor({ name, version: previous.version, path: previous.path }, signal);
    const { name: _name, ...before } = present;
    await writeLock(env.dataDir, withEntry(readLock(env.dataDir), { ...previous, name, previous: before }));
    log.info({ package: name, version: previous.version }, 'a connector was taken back to the version before');
    const now = (await worker.connectors()).filter((one) => one.package === name && !one.builtin);
    const [first] = now.length > 0 ? now : connectors;
    if (!first) throw new Error('A package without connectors was installed.');
    return { ...first, connectors: now.length > 0 ? now : connectors, notes: [] };
  }, signal);
}

/** Removes a package with its versions; throws `conflict` while anything uses one of its connectors. */
export async function removeConnector(name: string): Promise<void> {
  const { installs, env, worker, log } = services();
  await installs.run(async () => {
    await installedEntry(name);
    const connectors = (await worker.connectors()).filter((one) => one.package === name && !one.builtin);
    assertUnused(name, await usersOf(name, connectors));
    await writeLock(env.dataDir, withoutEntry(readLock(env.dataDir), name));
    log.info({ package: name }, 'a connector was removed');
    await tidyUnused();
  });
}

async function installedEntry(name: string) {
  const { env, worker } = services();
  const entry = lockedOf(readLock(env.dataDir), name);
  if (entry) return entry;
  if ((await worker.connectors()).some((one) => one.package === name && one.builtin))
    throw new ProblemError('conflict', `${name} comes with Kalla. It has no other versions, and cannot be removed.`);
  throw new ProblemError('not-found', `No connector ${name.slice(0, 220)} is installed.`);
}

/** npm's own registry gives `version` and `date`; verdaccio gives tags and times. */
const foundSchema = z.looseObject({
  name: z.string(),
  version: z.string().nullish(),
  'dist-tags': z.looseObject({ latest: z.string().nullish() }).nullish(),
  description: z.string().nullish(),
  keywords: z.array(z.string()).nullish(),
  date: z.string().nullish(),
  time: z.looseObject({ modified: z.string().nullish() }).nullish(),
  publisher: z.looseObject({ username: z.string().nullish() }).nullish(),
});

/** Looks for connectors in the registry, by words. Registries search each in their own way, so the keyword is checked here. */
export async function searchConnectors(q: string, signal: AbortSignal): Promise<ConnectorPackage[]> {
  const { env } = services();
  const home = await mkdtemp(join(tmpdir(), 'kalla-search-'));
  try {
    const words = q.trim().split(/\s+/).filter(Boolean);
    const ask = async (terms: string[]) => {
      const args = ['search', `--searchlimit=${MOST_FOUND}`];
      const answer = await npm({ args, names: terms, cwd: home, home, signal });
      return (Array.isArray(answer) ? answer : []).flatMap(connectorOf);
    };
    // npm's own registry knows the first form; others search for the words as they are.
    const found = await ask([`keywords:${KEYWORD}`, ...words]);
    const all = found.length > 0 ? found : await ask([words.length > 0 ? words.join(' ') : KEYWORD]);
    const lock = readLock(env.dataDir);
    return all.map((one) => ({ ...one, installed: lockedOf(lock, one.package)?.version ?? null }));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** The package, where it has the keyword; what a registry says in a way that nobody knows is left out. */
function connectorOf(answer: unknown): Omit<ConnectorPackage, 'installed'>[] {
  const { data: one } = foundSchema.safeParse(answer);
  const version = one?.version ?? one?.['dist-tags']?.latest;
  if (!one || !version || !one.keywords?.includes(KEYWORD)) return [];
  return [
    {
      package: one.name,
      version,
      description: (one.description ?? '').slice(0, 500),
      publisher: one.publisher?.username ?? null,
      date: one.date ?? one.time?.modified ?? null,
    },
  ];
}
