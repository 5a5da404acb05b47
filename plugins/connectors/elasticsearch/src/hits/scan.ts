const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** The answer ended, or is no JSON: it was cut off on the way. */
export class BrokenAnswer extends Error {
  override readonly name = 'BrokenAnswer';
}

/** The first place from `at` on that is no white space. */
export function skipSpace(buffer: Uint8Array, at: number): number {
  while (buffer[at]! <= 0x20) at++;
  return at;
}

/** The place after a text whose opening quote is at `at`. */
export function skipString(buffer: Uint8Array, at: number): number {
  const end = buffer.length;
  for (let i = at + 1; i < end; i++) {
    const byte = buffer[i]!;
    if (byte === QUOTE) return i + 1;
    if (byte === BACKSLASH) i++;
  }
  throw new BrokenAnswer('a text without an end');
}

/** The place after the value that begins at `at`. Values are not looked into: the server wrote them as JSON. */
export function skipValue(buffer: Uint8Array, at: number): number {
  const first = buffer[at];
  if (first === QUOTE) return skipString(buffer, at);
  if (first === OPEN_OBJECT || first === OPEN_LIST) return skipNested(buffer, at);
  let i = at;
  for (const end = buffer.length; i < end; i++) {
    const byte = buffer[i]!;
    if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_LIST || byte <= 0x20) break;
  }
  if (i === at) throw new BrokenAnswer('a value is missing');
  return i;
}

function skipNested(buffer: Uint8Array, at: number): number {
  let depth = 0;
  const end = buffer.length;
  for (let i = at; i < end; i++) {
    const byte = buffer[i]!;
    if (byte === QUOTE) i = skipString(buffer, i) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
    else if ((byte === CLOSE_OBJECT || byte === CLOSE_LIST) && --depth === 0) return i + 1;
  }
  throw new BrokenAnswer('an object without an end');
}

/** The place of the value after a name that ends at `at`. */
export function afterColon(buffer: Uint8Array, at: number): number {
  const colon = skipSpace(buffer, at);
  if (buffer[colon] !== COLON) throw new BrokenAnswer('a name without a value');
  return skipSpace(buffer, colon + 1);
}

/**
 * Calls `each` for every name and value of an object that begins at `at`; `each` gives back the place after the value.
 * Gives back the place after the object.
 */
export function eachMember(
  buffer: Uint8Array,
  at: number,
  each: (nameFrom: number, nameTo: number, value: number) => number,
): number {
  let i = skipSpace(buffer, at + 1);
  if (buffer[i] === CLOSE_OBJECT) return i + 1;
  for (;;) {
    if (buffer[i] !== QUOTE) throw new BrokenAnswer('an object without a name');
    const nameEnd = skipString(buffer, i);
    i = skipSpace(buffer, each(i + 1, nameEnd - 1, afterColon(buffer, nameEnd)));
    if (buffer[i] === CLOSE_OBJECT) return i + 1;
    if (buffer[i] !== COMMA) throw new BrokenAnswer('an object that breaks off');
    i = skipSpace(buffer, i + 1);
  }
}

/** The same for a list. */
export function eachItem(buffer: Uint8Array, at: number, each: (item: number) => number): number {
  let i = skipSpace(buffer, at + 1);
  if (buffer[i] === CLOSE_LIST) return i + 1;
  for (;;) {
    i = skipSpace(buffer, each(i));
    if (buffer[i] === CLOSE_LIST) return i + 1;
    if (buffer[i] !== COMMA) throw new BrokenAnswer('a list that breaks off');
    i = skipSpace(buffer, i + 1);
  }
}
