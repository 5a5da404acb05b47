import { isDeepStrictEqual } from 'node:util';
import { ProblemError } from '@kalla/core';
import { leafNames } from '../merge.server.ts';

type Json = Record<string, unknown>;

/** Settings that say which server is spoken to, by the ends of their names, whatever connector they belong to. */
const DESTINATION =
  /(^|_)(host|hosts|hostname|hostaddr|port|ports|server|servers|address|addresses|endpoint|endpoints|url|urls|uri|uris|node|nodes|socket|proxy|broker|brokers|domain|account|cloud_?id)$/;

/**
 * Throws `validation` that asks for the secrets again where a change leads to another server and keeps a stored secret: whoever
 * may change a source must not learn its password by having it sent to a server of their own.
 *
 * @param before settings as they are stored, without secrets
 * @param after settings with the change, as their connector reads them
 * @param secrets secrets that would be used, `kept` those that are stored, `given` what the change says
 */
export function assertSecretsStay(change: { before: Json; after: Json; secrets: Json; kept: Json; given: Json }): void {
  const { before, after, secrets, kept, given } = change;
  const names = new Set([...leafNames(before), ...leafNames(after)]);
  const moved = [...names].filter(
    (name) => isDestination(name) && !isDeepStrictEqual(at(before, name), at(after, name)),
  );
  if (moved.length === 0) return;
  const reused = leafNames(secrets).filter(
    (name) => at(given, name) === undefined && isDeepStrictEqual(at(secrets, name), at(kept, name)),
  );
  if (reused.length === 0) return;
  const list = (items: readonly string[]) => items.map((name) => `"${name}"`).join(', ');
  throw new ProblemError(
    'validation',
    `${list(moved)} ${moved.length === 1 ? 'leads' : 'lead'} to another server, and a stored secret is not sent there. Enter ${list(reused)} again.`,
    reused.map((name) => ({ field: `config.${name}`, message: 'enter it again for the new server' })),
  );
}

function isDestination(path: string): boolean {
  const name = path.split('.').at(-1) ?? '';
  return DESTINATION.test(name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase());
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => (inner as Json | undefined)?.[name], value);
}
