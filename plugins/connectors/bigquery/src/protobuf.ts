/** Protocol Buffers' wire format, as far as the few messages of `storage-messages.ts` need it. */

/** One field of a message: a number, or the bytes of a text, of binary data or of a message. */
export interface WireField {
  id: number;
  /** Exact up to 2^53; all numbers read here are counts. 0 where the field has bytes. */
  number: number;
  /** Not copied. Empty where the field is a number. */
  bytes: Uint8Array;
}

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;
const NONE = new Uint8Array(0);
/** Bytes of the longest number, one of 64 bits. */
const LONGEST = 10;

/**
 * The fields of a message in the order in which they were sent. Fixed numbers, which no field that is read here is, count as 0.
 *
 * @throws RangeError where the message is cut off or is none.
 */
export function* fieldsOf(message: Uint8Array): Generator<WireField, void, void> {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let index = 0; index < LONGEST; index += 1) {
      const byte = message[at++];
      if (byte === undefined) throw cutOff();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw new RangeError('A number of a Protocol Buffers message is longer than 64 bits.');
  };
  const bytes = (length: number): Uint8Array => {
    if (length > message.length - at) throw cutOff();
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = number();
    const id = Math.floor(tag / 8);
    const kind = tag % 8;
    if (kind === VARINT) yield { id, number: number(), bytes: NONE };
    else if (kind === BYTES) yield { id, number: 0, bytes: bytes(number()) };
    else if (kind === FIXED_64 || kind === FIXED_32) yield { id, number: 0, bytes: bytes(kind === FIXED_64 ? 8 : 4) };
    else throw new RangeError(`A Protocol Buffers message has a field of the unknown kind ${kind}.`);
  }
}

function cutOff(): RangeError {
  return new RangeError('A Protocol Buffers message is cut off.');
}

/** The bytes of a field as text. */
export const textOf = ({ bytes }: WireField): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');

/** A whole number, not negative. 0 is what a field has that is not sent. */
export function numberField(id: number, value: number): Uint8Array {
  return value === 0 ? NONE : Buffer.concat([varint(id * 8 + VARINT), varint(value)]);
}

export function textField(id: number, text: string): Uint8Array {
  return messageField(id, Buffer.from(text, 'utf8'));
}

/** A message inside a message, of its fields. */
export function messageField(id: number, ...fields: Uint8Array[]): Uint8Array {
  const length = fields.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return Buffer.concat([varint(id * 8 + BYTES), varint(length), ...fields]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return Uint8Array.of(...bytes, left);
}
