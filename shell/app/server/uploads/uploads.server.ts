import { createHash, randomBytes } from 'node:crypto';
import {
  ProblemError,
  uploadOptionsSchema,
  type Description,
  type RowsPage,
  type SourceRef,
  type Upload,
  type UploadEvent,
} from '@kalla/core';
import { checkManifest } from '../connectors/check-manifest.server.ts';
import { inspectTarball } from '../connectors/tarball.server.ts';
import type { PageQuery } from '../cursor.server.ts';
import { followWork } from '../http/follow-work.server.ts';
import { parseInput } from '../http/read-input.server.ts';
import { streamBytes } from '../http/stream-bytes.server.ts';
import { services } from '../services.server.ts';
import { boundaryOf, formParts, isSurelyLonger } from './multipart.server.ts';
import * as repository from './upload-repository.server.ts';
import type { UploadRow } from './upload-repository.server.ts';

/** Room for the options and the form's own delimiters, besides the file. */
const FORM_BYTES = 256 * 1024;

/** Files are disposable: an upload that no run reads is deleted after this many milliseconds. */
export const UPLOAD_LIFETIME = 24 * 60 * 60 * 1000;

/** A file that is stored and not yet looked at. */
interface StoredFile {
  uploadId: string;
  key: string;
  filename: string;
  bytes: number;
  sha256: string;
  options: Record<string, unknown>;
}

/**
 * Receives a form with a `file` and, before or after it, `options`; stores the file while it comes, then has the worker
 * read it through. Whatever goes wrong, nothing of the file stays.
 */
export async function receiveUpload(request: Request): Promise<Upload> {
  return describeOrDrop(await storeFile(request), request.signal);
}

/**
 * The same, and tells as server-sent events how much of the file is looked through, once all of it has come: the last event is
 * the upload, or a `problem`. What is wrong before that is an ordinary answer. Who stops listening ends the reading.
 */
export async function followUpload(request: Request): Promise<Response> {
  const file = await storeFile(request);
  return followWork<UploadEvent>(request.signal, 'an upload failed', async (tell, signal) => ({
    upload: await describeOrDrop(file, signal, (progress) => tell({ progress })),
  }));
}

/** Stores the file of a form while it comes, or nothing of it. */
async function storeFile(request: Request): Promise<StoredFile> {
  const { store, env } = services();
  const boundary = boundaryOf(request.headers.get('content-type'));
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > env.maxUploadBytes + FORM_BYTES) throw tooLarge();
  const uploadId = `u_${randomBytes(12).toString('hex')}`;
  let file: Omit<StoredFile, 'options'> | undefined;
  let options: Record<string, unknown> = {};
  return orDrop(uploadId, request.signal, async () => {
    for await (const part of formParts(streamBytes(request.body), boundary)) {
      if (part.name === 'options') options = readOptions(await shortText(part.body));
      if (part.name !== 'file') continue;
      if (file) throw new ProblemError('bad-request', 'The form has more than one file. Upload each on its own.');
      if (part.filename === null || cleanName(part.filename) === '') {
        throw new ProblemError('bad-request', 'The part "file" is not a file: it has no file name.', [
          { field: 'file', message: 'no file name' },
        ]);
      }
      if (isSurelyLonger(part, env.maxUploadBytes, announced, boundary)) throw tooLarge();
      const filename = cleanName(part.filename);
      const key = `uploads/${uploadId}/file${endingOf(filename)}`;
      const hash = createHash('sha256');
      let bytes = 0;
      const measured = async function* () {
        for await (const chunk of part.body) {
          bytes += chunk.byteLength;
          if (bytes > env.maxUploadBytes) throw tooLarge();
          hash.update(chunk);
          yield chunk;
        }
      };
      await store.put(key, measured(), { signal: request.signal });
      file = { uploadId, key, filename, bytes, sha256: hash.digest('hex') };
    }
    if (!file)
      throw new ProblemError('bad-request', 'The form has no part named "file".', [
        { field: 'file', message: 'missing' },
      ]);
    return { ...file, options };
  });
}

/** Has the worker read a stored file through, and keeps it where that works. */
function describeOrDrop(file: StoredFile, signal: AbortSignal, onShare?: (share: number) => void): Promise<Upload> {
  return orDrop(file.uploadId, signal, () => describeAndStore(file, signal, onShare));
}

/** Does what an upload needs; where it fails, nothing of the file stays, and a person can read why. */
async function orDrop<T>(uploadId: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await services().store.deletePrefix(`uploads/${uploadId}/`);
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new ProblemError(
        'disk-full',
        'The disk of this server is full, so the file was not kept. Free space, then upload it again.',
        undefined,
        error,
      );
    }
    if (signal.aborted)
      throw new ProblemError('cancelled', 'The upload was cut off. Nothing of it was kept.', undefined, error);
    throw error;
  }
}

async function describeAndStore(
  file: StoredFile,
  signal?: AbortSignal,
  onShare?: (share: number) => void,
): Promise<Upload> {
  const { db } = services();
  const { key, ...stored } = file;
  const description =
    (await describePackage(key, file.filename)) ??
    (await describeFile(key, file.filename, file.options, signal, onShare));
  const row: UploadRow = { ...stored, objectKey: key, description, createdAt: new Date() };
  await repository.insertUpload(db, row);
  return toUpload(row);
}

/** Stores the bytes of a file of this server as an upload; used for the sample. */
export async function addUpload(filename: string, content: AsyncIterable<Uint8Array>): Promise<Upload> {
  const { store } = services();
  const uploadId = `u_${randomBytes(12).toString('hex')}`;
  const key = `uploads/${uploadId}/file${endingOf(filename)}`;
  const hash = createHash('sha256');
  let bytes = 0;
  const measured = async function* () {
    for await (const chunk of content) {
      bytes += chunk.byteLength;
      hash.update(chunk);
      yield chunk;
    }
  };
  try {
    await store.put(key, measured());
    return await describeAndStore({ uploadId, key, filename, bytes, sha256: hash.digest('hex'), options: {} });
  } catch (error) {
    await store.deletePrefix(`uploads/${uploadId}/`);
    throw error;
  }
}

/** A packed connector is kept as it is, for its installation; there is no other use for such a file. */
async function describePackage(key: string, filename: string): Promise<Description | null> {
  if (!/\.tgz$/i.test(filename)) return null;
  const { name, version } = await packedConnector(key).catch((error: unknown) => {
    if (!(error instanceof ProblemError)) throw error;
    throw new ProblemError('file-format', `${filename} is not a packed connector. ${error.message}`, undefined, error);
  });
  const nothing = { columns: [], primary_key: null, key_candidates: [], row_count: 0, notes: [], pinned_config: {} };
  return { type: 'package', connector: { package: name, version }, ...nothing };
}

async function packedConnector(key: string): Promise<{ name: string; version: string }> {
  const { store, env } = services();
  return checkManifest((await inspectTarball(store.get(key), env.maxConnectorBytes)).manifest);
}

function describeFile(
  key: string,
  filename: string,
  options: Record<string, unknown>,
  signal?: AbortSignal,
  onShare?: (share: number) => void,
): Promise<Description> {
  const { worker, store } = services();
  // Formats that describe themselves, such as Parquet, know no options and refuse even an empty set.
  const given = Object.keys(options).length > 0 ? { options } : {};
  return worker.describe({ uri: store.uri(key), filename, ...given }, signal, onShare);
}

/** One upload; throws `not-found`. */
export async function getUpload(uploadId: string): Promise<Upload> {
  return toUpload(await uploadRow(uploadId));
}

/** The stored row of an upload; throws `not-found` with a sentence that says that files do not stay. */
export async function uploadRow(uploadId: string): Promise<UploadRow> {
  const row = await repository.findUpload(services().db, uploadId);
  if (row) return row;
  throw new ProblemError(
    'not-found',
    `There is no upload "${uploadId}". Files are kept for 24 hours; upload it again.`,
  );
}

export async function listUploads(query: PageQuery): Promise<{ uploads: Upload[]; next: string | null }> {
  const page = await repository.pageUploads(services().db, query);
  return { uploads: page.items.map(toUpload), next: page.next };
}

/** Reads the file again with other options. What was known before stays if the file cannot be read so. */
export async function changeUploadOptions(
  uploadId: string,
  options: Record<string, unknown>,
  signal?: AbortSignal,
  onShare?: (share: number) => void,
): Promise<Upload> {
  const row = await uploadRow(uploadId);
  const description = await describeFile(row.objectKey, row.filename, options, signal, onShare);
  await repository.updateUpload(services().db, uploadId, { options, description });
  return toUpload({ ...row, options, description });
}

/** The same, told as server-sent events as `followUpload` does. Throws `not-found` before the first. */
export async function followOptions(
  uploadId: string,
  options: Record<string, unknown>,
  gone: AbortSignal,
): Promise<Response> {
  await uploadRow(uploadId);
  return followWork<UploadEvent>(gone, 'an upload could not be read again', async (tell, signal) => ({
    upload: await changeUploadOptions(uploadId, options, signal, (progress) => tell({ progress })),
  }));
}

/** A page of an upload's rows, typed as its columns say. */
export async function uploadRows(
  uploadId: string,
  page: { offset: number; limit: number },
  signal?: AbortSignal,
): Promise<RowsPage> {
  const row = await uploadRow(uploadId);
  const rows = await services().worker.preview(uploadSource(row), page, signal);
  return { ...rows, total: rows.total ?? row.description.row_count };
}

/** Deletes an upload with its bytes; throws `conflict` while a run reads it. */
export async function removeUpload(uploadId: string): Promise<void> {
  const { db, store } = services();
  const row = await uploadRow(uploadId);
  if ((await repository.uploadsInUse(db)).has(uploadId)) {
    throw new ProblemError(
      'conflict',
      `A run is reading "${row.filename}" at the moment. Delete it when the run has ended.`,
    );
  }
  await repository.deleteUpload(db, uploadId);
  await store.deletePrefix(`uploads/${uploadId}/`);
}

/** The upload as the worker takes it, with all that was detected written down. `options` of a recipe count where the upload has none. */
export function uploadSource(row: UploadRow, description: Description = row.description): SourceRef {
  return {
    type: description.type,
    config: description.pinned_config,
    connector: description.connector,
    filename: row.filename,
    sha256: row.sha256,
  };
}

/** How an upload reads under a recipe's own options. The upload's options win where both name the same. */
export async function describeFor(
  row: UploadRow,
  recipeOptions: Record<string, unknown> | undefined,
): Promise<Description> {
  const added = Object.entries(recipeOptions ?? {}).filter(([name]) => !(name in row.options));
  if (added.length === 0) return row.description;
  const options = parseInput(uploadOptionsSchema, { ...Object.fromEntries(added), ...row.options }, ['options']);
  return describeFile(row.objectKey, row.filename, options);
}

/** Deletes what is past its time. Returns how many uploads went. */
export async function sweepUploads(now = new Date()): Promise<number> {
  const { db, store } = services();
  const rows = await repository.takeExpiredUploads(db, new Date(now.getTime() - UPLOAD_LIFETIME));
  for (const row of rows) await store.deletePrefix(`uploads/${row.uploadId}/`);
  return rows.length;
}

function toUpload(row: UploadRow): Upload {
  const { type, columns, key_candidates, notes, row_count } = row.description;
  return {
    upload_id: row.uploadId,
    filename: row.filename,
    format: type,
    bytes: row.bytes,
    sha256: row.sha256,
    row_count: row_count ?? 0,
    columns,
    key_candidates,
    notes,
    created_at: row.createdAt.toISOString(),
  };
}

function readOptions(text: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ProblemError(
      'bad-request',
      `The part "options" is not JSON: ${(cause as Error).message}.` +
        // curl -F ends a value at a semicolon, which is the delimiter that most people have to name.
        (text.trimEnd().endsWith('}') ? '' : ' With curl, give it by --form-string: -F cuts it off at a semicolon.'),
      [{ field: 'options', message: 'not JSON' }],
      cause,
    );
  }
  return parseInput(uploadOptionsSchema, value, ['options']);
}

async function shortText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > FORM_BYTES / 2) throw new ProblemError('too-large', 'The part "options" is larger than 128 KiB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The name without folders and control characters, at most 200 characters long. */
export function cleanName(name: string): string {
  const base = name.split(/[\\/]/).at(-1) ?? '';
  return base
    .replace(/[\u0000-\u001f\u007f]/g, '')
    .normalize('NFC')
    .trim()
    .slice(-200);
}

/** The ending by which a connector is found, `.csv` or `.csv.gz`, in letters that a key may have. */
function endingOf(filename: string): string {
  return /(\.[A-Za-z0-9]{1,10}){1,2}$/.exec(filename)?.[0].toLowerCase() ?? '';
}

function tooLarge(): ProblemError {
  const most = services().env.maxUploadBytes;
  return new ProblemError(
    'too-large',
    `The file is larger than ${inWords(most)}, the most that this Kalla takes (KALLA_MAX_UPLOAD_BYTES).`,
  );
}

function inWords(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  let size = bytes;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${Number.isInteger(size) ? size : size.toFixed(1)} ${units[unit]}`;
}
