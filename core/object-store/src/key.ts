/** The longest key that every backend takes (S3 and GCS: 1024 bytes). */
export const MAX_KEY_LENGTH = 1024;

/** The longest part that every file system takes, with room for nothing else: names are used as they are. */
const MAX_PART_LENGTH = 255;
const PART = /^[A-Za-z0-9._=-]+$/;

/**
 * Throws a `TypeError` unless `key` is safe on every backend: relative, parts of `A-Z a-z 0-9 . _ - =`, none of them
 * empty, `.` or `..`. Keys are made by programs, so this is a programmer's error and not a user's.
 *
 * @example
 * assertKey('runs/r-1/matched.parquet'); // fine
 * assertKey('../secrets'); // throws
 */
export function assertKey(key: string): void {
  const fault = faultOf(key);
  if (fault) throw new TypeError(`${JSON.stringify(key.slice(0, 200))} is not an object key: ${fault}.`);
}

/** As `assertKey` for a folder of keys, with or without `/` at its end. Returns it with the `/`, or `''` for everything. */
export function assertPrefix(prefix: string): string {
  if (prefix === '') return '';
  const folder = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  assertKey(folder);
  return `${folder}/`;
}

/** True where `assertKey` would not throw. */
export function isKey(key: string): boolean {
  return faultOf(key) === undefined;
}

function faultOf(key: string): string | undefined {
  if (key.length === 0) return 'it is empty';
  if (key.length > MAX_KEY_LENGTH) return `it is longer than ${MAX_KEY_LENGTH} characters`;
  for (const part of key.split('/')) {
    if (part === '') return 'it has an empty part';
    if (part === '.' || part === '..') return `"${part}" is not allowed as a part`;
    if (part.length > MAX_PART_LENGTH) return `a part is longer than ${MAX_PART_LENGTH} characters`;
    if (!PART.test(part)) return 'only A-Z a-z 0-9 . _ - = and / are allowed';
  }
  return undefined;
}
