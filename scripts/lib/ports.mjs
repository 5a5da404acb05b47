// @ts-check
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryPidLock } from './pid-lock.mjs';
import { UserError, codeOf } from './user-error.mjs';

/**
 * True where nobody listens on the port. Throws a sentence where the host itself cannot be listened on.
 * @param {number} port
 * @param {string} host
 * @returns {Promise<boolean>}
 */
export function isFree(port, host) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      const code = codeOf(error);
      if (code === 'EADDRINUSE' || code === 'EACCES') resolve(false);
      else if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
        reject(
          new UserError(`HOST is "${host}", and this machine has no such address. Use 127.0.0.1 or one of its own.`),
        );
      } else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * The first free port from `first` on. It stays ours against another Kalla that starts at the same moment, until `release`.
 *
 * @param {number} first
 * @param {string} host
 * @returns {Promise<{ port: number, release: () => void }>}
 */
export async function reserveFreePort(first, host) {
  for (let port = first; port < Math.min(first + 200, 65_536); port++) {
    const lock = reserve(port);
    if (!lock) continue;
    if (await isFree(port, host)) return { port, release: lock.release };
    lock.release();
  }
  throw new UserError(`No port from ${first} on is free on ${host}. End a program that uses one, or give another one.`);
}

/**
 * Reads a port that was asked for. Throws a sentence where it is not a port or is taken.
 *
 * @param {string} text
 * @param {string} host
 * @param {string} [variable] where it was asked for
 * @returns {Promise<{ port: number, release: () => void }>}
 */
export async function reserveGivenPort(text, host, variable = 'PORT') {
  const port = /^\d{1,5}$/.test(text) ? parseInt(text, 10) : 0;
  if (port < 1 || port > 65_535)
    throw new UserError(`${variable} is "${text}". It has to be a number from 1 to 65535.`);
  const lock = reserve(port);
  if (lock && (await isFree(port, host))) return { port, release: lock.release };
  throw new UserError(
    `Port ${port} on ${host} is taken by another program, or you may not use it. Set ${variable} to another number, or leave it unset: Kalla then takes the next free one.`,
  );
}

/** @param {number} port */
function reserve(port) {
  const folder = join(tmpdir(), `kalla-ports-${process.getuid?.() ?? 'user'}`);
  const lock = tryPidLock(join(folder, String(port)));
  return 'release' in lock ? lock : null;
}
