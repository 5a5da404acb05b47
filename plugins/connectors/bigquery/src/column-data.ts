import { makeData, Utf8, type Data, type DataType } from 'apache-arrow';

const encoder = new TextEncoder();

/** An Arrow column of texts, of which each is made when it is its turn; null for NULL. */
export function textData(length: number, textAt: (row: number) => string | null): Data {
  const valueOffsets = new Int32Array(length + 1);
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  let nullCount = 0;
  let bytes = new Uint8Array(Math.max(64, length * 16));
  let end = 0;
  for (let row = 0; row < length; row += 1) {
    const text = textAt(row);
    if (text === null) nullCount += 1;
    else {
      nullBitmap[row >> 3]! |= 1 << (row & 7);
      // A UTF-16 unit takes at most three bytes.
      const most = end + text.length * 3;
      if (most > bytes.length) {
        const larger = new Uint8Array(Math.max(most, bytes.length * 2));
        larger.set(bytes.subarray(0, end));
        bytes = larger;
      }
      end += encoder.encodeInto(text, bytes.subarray(end)).written;
    }
    valueOffsets[row + 1] = end;
  }
  const data = bytes.subarray(0, end);
  const type: DataType = new Utf8();
  return makeData({
    type,
    length,
    nullCount,
    nullBitmap: nullCount > 0 ? nullBitmap : undefined,
    valueOffsets,
    data,
  } as never);
}
