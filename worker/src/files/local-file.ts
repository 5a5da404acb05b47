import { randomUUID } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, extname, isAbsolute, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConnectorError, ObjectNotFoundError, type LocalFile, type ObjectStore, type Operation } from '@kalla/core';
import { downloadFile, publicUrl } from './http-file.ts';

export interface LocalFileOptions {
  store: ObjectStore;
  /** Where downloads go. */
  scratchDir: string;
  /** Folders of this machine that the operator allows; absolute. */
  fileRoots: readonly string[];
  allowPrivateUrls: boolean;
  maxBytes: number;
}

/**
 * Brings the file behind a URI to this machine's disk: an object of the store, a file of an allowed folder, or a download.
 * Anything else is refused with a sentence that says what would be allowed.
 */
export async function localFile(uri: string, options: LocalFileOptions, operation: Operation): Promise<LocalFile> {
  const key = options.store.keyOf(uri);
  if (key !== null) return fromStore(key, options, operation);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'file':
      return fromDisk(uri, options);
    case 'https':
    case 'http':
      return fromWeb(uri, options, operation);
    case 's3':
    case 'gs':
      throw new ConnectorError(
        'config',
        `This worker has no access to "${scheme}://" files: its object store is the local disk.`,
        {
          hint: 'Upload the file instead, or give its https address.',
        },
      );
    case undefined:
      throw new ConnectorError(
        'config',
        'A file needs a whole address, such as file:///folder/bank.csv or https://example.com/bank.csv.',
      );
    default:
      throw new ConnectorError('config', `Files cannot be read from "${scheme}:" addresses.`, {
        hint: 'Use an upload, a file:// address in an allowed folder, or an https:// address.',
      });
  }
}

async function fromStore(key: string, options: LocalFileOptions, operation: Operation): Promise<LocalFile> {
  try {
    const path = await options.store.localPath(key, options.scratchDir, { signal: operation.signal });
    return await describeFile(path, basename(key), options.maxBytes);
  } catch (error) {
    throw error instanceof ObjectNotFoundError ? goneFile(key, error) : error;
  }
}

/** What is said of an object of the store that is not there any more. */
export function goneFile(key: string, cause: unknown): ConnectorError {
  const sentence = `The uploaded file "${basename(key)}" is not there any more. Upload it again.`;
  return new ConnectorError('not-found', sentence, { cause });
}

async function fromDisk(uri: string, options: LocalFileOptions): Promise<LocalFile> {
  let asked: string;
  try {
    asked = fileURLToPath(uri);
  } catch (error) {
    throw new ConnectorError('config', 'The file:// address is not valid: it needs an absolute path without a host.', {
      cause: error,
    });
  }
  const name = basename(asked);
  const refused = () =>
    new ConnectorError('permission', `The file "${name}" lies outside of the folders that this worker may read.`, {
      hint: 'The operator can allow its folder in KALLA_FILE_ROOTS, or the file can be uploaded.',
    });
  // Outside of the roots nothing is looked up: whether a file is there is none of the asker's business. realpath first, so
  // that a symbolic link inside a root cannot lead out of it.
  const roots = await realRoots(options.fileRoots);
  if (![...options.fileRoots, ...roots].some((root) => isInside(root, asked))) throw refused();
  let path: string;
  try {
    path = await realpath(asked);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES')
      throw new ConnectorError('permission', `The worker's user may not read "${name}".`, { cause: error });
    throw new ConnectorError('not-found', `There is no file "${name}" in its folder.`, { cause: error });
  }
  if (!roots.some((root) => isInside(root, path))) throw refused();
  return describeFile(path, name, options.maxBytes);
}

async function realRoots(roots: readonly string[]): Promise<string[]> {
  const found = await Promise.allSettled(roots.map((root) => realpath(root)));
  return found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

function isInside(root: string, path: string): boolean {
  const inner = relative(root, path);
  return inner !== '' && inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner);
}

async function fromWeb(uri: string, options: LocalFileOptions, operation: Operation): Promise<LocalFile> {
  const name = fileNameOf(uri);
  const path = join(options.scratchDir, `${randomUUID()}${safeEnding(name)}`);
  const bytes = await downloadFile(uri, path, {
    signal: operation.signal,
    allowPrivate: options.allowPrivateUrls,
    maxBytes: options.maxBytes,
  });
  return { path, name, bytes };
}

/** The last part of a URI's path, decoded; the query string does not count. */
export function fileNameOf(uri: string): string {
  const path = URL.canParse(uri) ? new URL(uri).pathname : uri.replace(/[?#].*$/s, '');
  const last = path.split('/').filter(Boolean).at(-1);
  if (last === undefined) return URL.canParse(uri) && /^https?:/.test(uri) ? publicUrl(uri) : 'file';
  try {
    return decodeURIComponent(last);
  } catch {
    return last; // A lone "%": the name as it stands.
  }
}

function safeEnding(name: string): string {
  const ending = extname(name);
  return /^\.[A-Za-z0-9]{1,10}$/.test(ending) ? ending : '';
}

async function describeFile(path: string, name: string, maxBytes: number): Promise<LocalFile> {
  const found = await stat(path);
  if (!found.isFile()) throw new ConnectorError('not-found', `"${name}" is not a file.`);
  if (found.size > maxBytes) {
    throw new ConnectorError('permission', `"${name}" has ${found.size} bytes; at most ${maxBytes} are allowed here.`, {
      hint: 'The operator can raise the limit with KALLA_MAX_FILE_BYTES.',
    });
  }
  return { path, name, bytes: found.size };
}
