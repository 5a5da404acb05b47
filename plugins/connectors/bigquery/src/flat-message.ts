import { Data, Message, Type, type DataType } from 'apache-arrow';

/** What comes before the metadata of a message: four bytes of ones, then their length in 32 bits. */
const HEAD = 8;
/** A message may be followed by the mark that ends a stream of Arrow. */
const END = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);
/** Types of a validity bitmap and one buffer of values of one width. */
const VALUES = new Set([Type.Int, Type.Float, Type.Decimal, Type.Date, Type.Time, Type.Timestamp]);
/** Types of a validity bitmap, offsets of 32 bits, and bytes. */
const TEXTS = new Set([Type.Utf8, Type.Binary]);

/** The columns of one record batch. */
export interface FlatColumns {
  rows: number;
  columns: Data[];
}

/** As Arrow's metadata has them. */
interface BatchMetadata {
  length: number;
  nodes: readonly { length: number; nullCount: number }[];
  buffers: readonly { offset: number; length: number }[];
}

type ViewOf<T> = { new (buffer: ArrayBufferLike, offset: number, length: number): T; BYTES_PER_ELEMENT: number };

/**
 * Reads record batches of plain columns from Arrow IPC messages. The body of a message is copied once, to where 64-bit numbers may
 * lie, and its columns are views of that. Arrow's own reader copies too, and makes for each batch anew all that nested columns and
 * dictionaries need: a third of the work of decoding.
 */
export class FlatMessages {
  readonly #types: readonly DataType[];

  /** Null where a column is not plain. */
  static of(types: readonly DataType[]): FlatMessages | null {
    return types.every(({ typeId }) => isPlain(typeId)) ? new FlatMessages(types) : null;
  }

  private constructor(types: readonly DataType[]) {
    this.#types = types;
  }

  /**
   * @returns null where the message is anything but one whole record batch of these columns, not compressed: Arrow's reader then
   *   says what it is.
   */
  read(message: Uint8Array): FlatColumns | null {
    const found = partsOf(message);
    if (!found) return null;
    const { batch, sent } = found;
    const body = Buffer.allocUnsafeSlow(sent.byteLength);
    body.set(sent);
    let next = 0;
    /** The next buffer; null where it is not within the body. */
    const view = <T>(type: ViewOf<T>): T | null => {
      const { offset = -1, length = 0 } = batch.buffers[next++] ?? {};
      const isWithin = offset >= 0 && offset % 8 === 0 && length >= 0 && offset + length <= body.byteLength;
      return isWithin
        ? new type(body.buffer, body.byteOffset + offset, Math.floor(length / type.BYTES_PER_ELEMENT))
        : null;
    };
    const columns: Data[] = [];
    for (const [index, type] of this.#types.entries()) {
      const { length, nullCount } = batch.nodes[index] ?? { length: -1, nullCount: -1 };
      if (length !== batch.length || nullCount < 0) return null;
      const validity = view(Uint8Array);
      const offsets = TEXTS.has(type.typeId) ? view(Int32Array) : undefined;
      const values = view(type.ArrayType as ViewOf<Data['values']>);
      if (!validity || !values || offsets === null) return null;
      const buffers = { 0: offsets, 1: values, 2: nullCount > 0 ? validity : undefined };
      const data = new Data(type, 0, length, nullCount, buffers as never);
      if (!holdsItsRows(data)) return null;
      columns.push(data);
    }
    const isAll = columns.length === batch.nodes.length && next === batch.buffers.length;
    return isAll ? { rows: batch.length, columns } : null;
  }
}

const isPlain = (typeId: Type) => VALUES.has(typeId) || TEXTS.has(typeId) || typeId === Type.Bool;

/** Metadata and body of a message that is a whole record batch, else null. */
function partsOf(message: Uint8Array): { batch: BatchMetadata; sent: Uint8Array } | null {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  if (view.byteLength < HEAD || view.getInt32(0, true) !== -1) return null;
  const metadataEnd = HEAD + view.getInt32(4, true);
  if (metadataEnd <= HEAD || metadataEnd > message.byteLength) return null;
  try {
    const metadata = Message.decode(message.subarray(HEAD, metadataEnd));
    if (!metadata.isRecordBatch()) return null;
    const bodyEnd = metadataEnd + metadata.bodyLength;
    const rest = message.subarray(bodyEnd);
    if (bodyEnd > message.byteLength || (rest.length > 0 && Buffer.compare(rest, END) !== 0)) return null;
    return { batch: metadata.header() as unknown as BatchMetadata, sent: message.subarray(metadataEnd, bodyEnd) };
  } catch {
    return null; // Arrow's reader fails too, and says why.
  }
}

/** Whether the buffers are as long as the rows need them. */
function holdsItsRows({ type, length, stride, nullBitmap, valueOffsets: offsets, values }: Data): boolean {
  if (length === 0) return true;
  if (nullBitmap && nullBitmap.length * 8 < length) return false;
  if (type.typeId === Type.Bool) return values.length * 8 >= length;
  if (!TEXTS.has(type.typeId)) return values.length >= length * stride;
  return offsets.length > length && offsets[0]! >= 0 && offsets[length]! <= values.length;
}
