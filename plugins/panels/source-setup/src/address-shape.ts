import type { ConnectorInfo, ConnectorKind } from '@kalla/core';
import { messages } from './messages.ts';

const text = messages.shape;

/** Beginnings of addresses of files, whatever connector reads them. */
const FILE_SCHEMES = ['https', 'http', 'file', 's3', 'gs'];

/**
 * What is wrong with something that was pasted as the address of a kind of source, as far as its shape tells, with what is
 * expected instead; null where it can be taken apart. The sentence never repeats the address, which may hold a password.
 *
 * @example addressFault('hello', 'database', connectors) // 'This is no connection string. It is one line that begins with …'
 */
export function addressFault(typed: string, kind: ConnectorKind, connectors: readonly ConnectorInfo[]): string | null {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(typed)?.[1]?.toLowerCase();
  const usable = connectors.filter(({ error }) => error === null);
  if (scheme !== undefined && usable.some(({ schemes }) => schemes.includes(scheme))) return null;
  if (kind === 'file') {
    if (scheme !== undefined && FILE_SCHEMES.includes(scheme)) return null;
    if (scheme !== undefined) return text.noFileScheme(`${scheme}://`);
    return isPath(typed) ? text.path : text.noFile;
  }
  const beginnings = [...new Set(usable.filter((one) => one.kind === kind).flatMap(({ schemes }) => schemes))];
  const expected = text.expected[kind](beginnings.map((one) => `${one}://`).join(', '));
  if (scheme !== undefined && FILE_SCHEMES.includes(scheme)) {
    // A file on the web is a source too, wherever on the page its address is pasted.
    const [file = ''] = typed.toLowerCase().split(/[?#]/);
    if (usable.some(({ extensions }) => extensions.some((ending) => file.endsWith(ending)))) return null;
    return `${text.fileScheme(`${scheme}://`)} ${expected}`;
  }
  if (/^jdbc:/i.test(typed)) return `${text.jdbc} ${expected}`;
  if (scheme !== undefined) return `${text.noScheme(`${scheme}://`)} ${expected}`;
  if (/^\s*[\w ]+=/.test(typed)) return `${text.settings} ${expected}`;
  return `${text.none} ${expected}`;
}

/** `C:\bank.csv`, `\\server\bank.csv`, `/home/ada/bank.csv`, `~/bank.csv`, `bank.csv`. */
function isPath(typed: string): boolean {
  return /^([a-z]:[\\/]|\\\\|[/~])/i.test(typed) || /^[^\s:]+\.[a-z0-9]{2,7}$/i.test(typed);
}
