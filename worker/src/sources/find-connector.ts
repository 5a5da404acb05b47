import { CONNECTORS_LOCK, ProblemError } from '@kalla/core';
import { fileNameOf } from '../files/local-file.ts';
import type { FoundConnector } from '../plugins/discover.ts';
import { wayOut } from './unknown-ending.ts';

/** Schemes of addresses that are files: their connector is found by the file's ending. */
export const FILE_SCHEMES: ReadonlySet<string> = new Set(['file', 'https', 'http', 's3', 'gs']);

/** What a connector is chosen by. */
export interface SourceHints {
  alias?: string;
  type?: string;
  uri?: string;
  filename?: string;
  connector?: { package: string; version: string; integrity?: string | undefined };
}

/**
 * Finds the connector of a source: by its type, or by the scheme of its URI, or by the ending of its file name (the longest
 * that fits, so `.csv.gz` before `.gz`; a query string does not count). Throws a problem that lists what there is.
 */
export function findConnector(source: SourceHints, all: readonly FoundConnector[]): FoundConnector {
  const found = presentConnector(
    source,
    all.filter((one) => !one.superseded),
  );
  return versionOf(found, source, all);
}

/**
 * A job that was made with the version before an upgrade keeps it, so that both of its halves are read in the same way. So does
 * one that was made with another build of the version in use.
 */
function versionOf(found: FoundConnector, source: SourceHints, all: readonly FoundConnector[]): FoundConnector {
  const asked = source.connector;
  if (!asked || asked.package !== found.info.package || isAsked(found, asked)) return found;
  const before = all.find(
    (one) =>
      one.superseded && one.info.package === asked.package && one.info.type === found.info.type && isAsked(one, asked),
  );
  return before ?? found;
}

/** True where a connector is of the version that a job names, and of its build as far as both are known. */
export function isAsked(
  { info, integrity }: FoundConnector,
  asked: { version: string; integrity?: string | undefined },
): boolean {
  if (asked.version !== info.version) return false;
  return asked.integrity === undefined || integrity === undefined || asked.integrity === integrity;
}

function presentConnector(source: SourceHints, all: readonly FoundConnector[]): FoundConnector {
  const label = source.alias ? `Source "${source.alias}"` : 'The source';
  const usable = all.filter((one) => one.info.error === null);
  if (source.type !== undefined && source.type !== 'file') {
    const found = usable.find((one) => one.info.type === source.type);
    if (found) return found;
    const broken = all.find((one) => one.info.type === source.type);
    if (broken)
      throw fault(`${label}: the connector "${source.type}" cannot be used. ${broken.info.error ?? ''}`.trim(), 'type');
    const damaged = all.find((one) => one.info.package === CONNECTORS_LOCK);
    if (damaged) throw fault(`${label}: there is no connector "${source.type}" now. ${damaged.info.error}`, 'type');
    throw fault(
      `${label}: there is no connector "${source.type}". Installed: ${list(usable.map((one) => one.info.type))}.`,
      'type',
    );
  }
  if (source.uri === undefined) throw fault(`${label} needs a "uri" or a "type".`, 'uri');
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(source.uri)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    throw fault(
      `${label}: its address is not a whole address, since nothing says what it begins with. Write for example postgres://user@server:5432/database, file:///folder/bank.csv or https://example.com/bank.csv.`,
      'uri',
    );
  }
  if (!FILE_SCHEMES.has(scheme)) {
    const found = usable.find((one) => one.info.schemes.includes(scheme));
    if (found) return found;
    throw fault(
      `${label}: no connector reads "${scheme}:" addresses. Known: ${list(usable.flatMap((one) => one.info.schemes))}.`,
      'uri',
    );
  }
  const name = source.filename ?? fileNameOf(source.uri);
  const lower = name.toLowerCase();
  const endings = usable.flatMap((connector) => connector.info.extensions.map((ending) => ({ connector, ending })));
  const best = endings
    .filter(({ ending }) => lower.endsWith(ending))
    .sort((a, b) => b.ending.length - a.ending.length)[0];
  if (best) return best.connector;
  const known = endings.map((one) => one.ending);
  throw new ProblemError(
    'file-format',
    `"${name}" is no kind of file that can be read here. Known endings: ${list(known)}. ${wayOut(name, known)}`,
    [{ file: name, message: 'not a known ending' }],
  );
}

/** True where the connector reads files. */
export function readsFiles(connector: FoundConnector): boolean {
  return connector.info.extensions.length > 0;
}

function fault(sentence: string, field: string): ProblemError {
  return new ProblemError('source-config', sentence, [{ field, message: sentence }]);
}

function list(names: string[]): string {
  return names.length === 0 ? 'none' : [...new Set(names)].join(', ');
}
