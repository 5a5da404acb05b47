/** What a ZIP archive says of one part. */
export interface ZipPart {
  name: string;
  crc: number;
  packedBytes: number;
  bytes: number;
}

/** Bytes of the record before a part. */
export const HEAD_BYTES = 30;

/** The record before a deflated part; its name follows. */
export function headOf({ name, crc, packedBytes, bytes }: ZipPart): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(8, 8);
  head.writeUInt32LE(crc, 14);
  head.writeUInt32LE(packedBytes, 18);
  head.writeUInt32LE(bytes, 22);
  head.writeUInt16LE(Buffer.byteLength(name), 26);
  return head;
}

/** The entry of the directory for the part whose record `head` begins at `at`, with its name. */
export function entryOf(name: string, head: Buffer, at: number): Buffer {
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(20, 4);
  head.copy(entry, 6, 4, HEAD_BYTES);
  entry.writeUInt32LE(at, 42);
  return Buffer.concat([entry, Buffer.from(name)]);
}

/** The directory, which begins at `at`, and the record that ends the archive. */
export function directoryOf(entries: readonly Buffer[], at: number): Buffer {
  const listed = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([listed, end]);
}
