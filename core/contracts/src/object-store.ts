/**
 * Where uploads, staged files and results live. One interface for the local disk, S3 and GCS.
 *
 * Keys are relative, with `/` between parts, made of `A-Z a-z 0-9 . _ - =` and never `.` or `..` as a part: anything else
 * throws. A put is atomic: a reader sees the whole object or none.
 */
export interface ObjectStore {
  /** `file:`, `s3:` or `gs:`. */
  readonly scheme: string;
  /** The absolute URI of a key, as it stands in a job. */
  uri(key: string): string;
  /** The key of a URI of this store, or null for a URI of elsewhere. */
  keyOf(uri: string): string | null;
  /** Streams into the store. Aborting leaves nothing behind. `ifAbsent` fails with `ObjectExistsError` when the key is taken. */
  put(key: string, body: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<ObjectInfo>;
  /** Puts a file of this disk; the local store may move it. */
  putFile(key: string, path: string, options?: PutOptions): Promise<ObjectInfo>;
  /** Throws `ObjectNotFoundError`. `range` is in bytes, end exclusive. */
  get(
    key: string,
    options?: { signal?: AbortSignal; range?: { start: number; end?: number } },
  ): AsyncIterable<Uint8Array>;
  /** A path on this disk with the object's bytes: the object itself where it is local, else a download into `scratchDir`. Read-only. */
  localPath(key: string, scratchDir: string, options?: { signal?: AbortSignal }): Promise<string>;
  head(key: string): Promise<ObjectInfo | null>;
  /** All objects under a prefix, in key order. */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  deletePrefix(prefix: string): Promise<void>;
  /** Frees what the backend holds open. */
  close(): Promise<void>;
}

export interface PutOptions {
  signal?: AbortSignal;
  contentType?: string;
  ifAbsent?: boolean;
}

export interface ObjectInfo {
  key: string;
  bytes: number;
  modified: Date;
}

export class ObjectNotFoundError extends Error {
  override readonly name = 'ObjectNotFoundError';
  constructor(readonly key: string) {
    super(`No object "${key}".`);
  }
}

export class ObjectExistsError extends Error {
  override readonly name = 'ObjectExistsError';
  constructor(readonly key: string) {
    super(`Object "${key}" is there already.`);
  }
}
