import { ConnectorError, decimalOf, type Batch } from '@kalla/core';
import { arrowSchemaOf } from '@kalla/core/arrow';
import {
  makeData,
  RecordBatch,
  RecordBatchReader,
  Struct,
  TimeUnit,
  Type,
  DataType,
  type Data,
  type Schema,
} from 'apache-arrow';
import { cellText, isNull, wholeOf } from './arrow-text.ts';
import { textData } from './column-data.ts';
import { decimalText } from './spell.ts';
import type { PlannedColumn } from './types.ts';

const NOTHING = new Uint8Array(0);

interface Source {
  /** Index among the columns that are sent. */
  at: number;
  /** Whether the bytes can be handed on as they are. */
  same: boolean;
}

/** Makes Kalla's batches of the Arrow messages of one read session. Buffers whose bytes already are right are handed on as they are. */
export class ArrowBatches {
  readonly #header: Uint8Array;
  readonly #columns: readonly PlannedColumn[];
  readonly #table: string;
  readonly #schema: Schema;
  #batches: Iterator<RecordBatch>;
  #message: Uint8Array | undefined;
  /** What Arrow said of the last message, where it could not read it: mostly that it ends too early. */
  #failure: unknown;
  /** Where the columns are in what is sent; looked up once for each schema. */
  #sources: { schema: Schema; columns: Source[] } | undefined;
  /** Rows of this stream that were decoded before, to name a row at fault. */
  #rows = 0;

  constructor(header: Uint8Array, columns: readonly PlannedColumn[], table: string) {
    this.#header = header;
    this.#columns = columns;
    this.#table = table;
    this.#schema = arrowSchemaOf(columns.map(({ info }) => info));
    this.#batches = this.#read();
  }

  #read(): Iterator<RecordBatch> {
    return RecordBatchReader.from(this.#chunks())[Symbol.iterator]();
  }

  /**
   * What the one reader of all messages is given: the header and then each message when it is its turn, so that the schema is read
   * once. The reader looks for more before it hands out the end of a message, and gets nothing once; asked again it is at the end of
   * a message that was cut off.
   */
  *#chunks(): Generator<Uint8Array, void, void> {
    yield this.#header;
    for (let hungry = false; ;) {
      const message = this.#message;
      this.#message = undefined;
      if (!message && hungry) return;
      hungry = !message;
      yield message ?? NOTHING;
    }
  }

  /**
   * @param message a record batch as an encapsulated IPC message, without schema
   * @param rows how many rows it is said to hold
   * @throws ConnectorError `schema-changed` where a column is not in it, `type` where a cell does not fit, `transient` where it does
   *   not hold its rows
   */
  decode(message: Uint8Array, rows: number): Batch[] {
    // A message may end with the mark that ends a stream of Arrow, where a reader stops for good: then a new one reads it.
    const batch = this.#next(message) ?? this.#nextOfNewReader(message);
    if (batch?.numRows !== rows) {
      throw new ConnectorError('transient', `A part of table ${this.#table} that BigQuery sent is cut off.`, {
        hint: 'Run it again.',
        cause: this.#failure,
      });
    }
    return rows > 0 ? [this.#convert(batch)] : [];
  }

  /** The message is a chunk of its own, so its buffers stay where they lie: the reader copies them only where it has to align them. */
  #next(message: Uint8Array): RecordBatch | undefined {
    this.#message = message;
    this.#failure = undefined;
    try {
      const { done, value } = this.#batches.next();
      return done ? undefined : value;
    } catch (error) {
      this.#failure = error;
      return undefined;
    }
  }

  #nextOfNewReader(message: Uint8Array): RecordBatch | undefined {
    this.#batches = this.#read();
    return this.#next(message);
  }

  #convert(batch: RecordBatch): Batch {
    if (this.#sources?.schema !== batch.schema) {
      this.#sources = { schema: batch.schema, columns: this.#columns.map((_, index) => this.#find(batch, index)) };
    }
    const { columns } = this.#sources;
    const children = this.#columns.map((column, index) => {
      const { at, same } = columns[index]!;
      const source = batch.data.children[at]!;
      const { type } = this.#schema.fields[index]!;
      return same ? retyped(source, type) : this.#column(source, column, type);
    });
    this.#rows += batch.numRows;
    const type = new Struct(this.#schema.fields);
    return new RecordBatch(this.#schema, makeData({ type, length: batch.numRows, nullCount: 0, children }));
  }

  #find({ schema }: RecordBatch, index: number): Source {
    const { name } = this.#columns[index]!.field;
    const at = schema.fields.findIndex((field) => field.name === name);
    if (at < 0) {
      throw new ConnectorError('schema-changed', `Table ${this.#table} has no column "${name}" any more.`, {
        hint: 'Look at its columns again.',
      });
    }
    return { at, same: isSame(schema.fields[at]!.type as DataType, this.#schema.fields[index]!.type) };
  }

  #column(source: Data, { info, field }: PlannedColumn, type: DataType): Data {
    if (info.type === 'text') return textData(source.length, (row) => cellText(source, row, field));
    const decimal = decimalOf(info.type);
    const from = source.type as DataType;
    if (decimal && DataType.isDecimal(from)) {
      return rescaled(source, type, decimal, from, (row, value) => this.#doesNotFit(info.name, row, value, info.type));
    }
    if (info.type === 'int64' && DataType.isInt(from)) {
      const values = BigInt64Array.from(source.values as ArrayLike<number>, (value) => BigInt(value));
      return makeData({
        type,
        length: source.length,
        nullCount: source.nullCount,
        nullBitmap: bitmapOf(source),
        data: values,
      } as never);
    }
    throw new ConnectorError(
      'schema-changed',
      `Table ${this.#table}: column "${info.name}" was planned as ${info.type}, and BigQuery sends ${String(from)}.`,
      {
        hint: 'Run it again; the new type is then taken up.',
      },
    );
  }

  #doesNotFit(column: string, row: number, value: string, type: string): ConnectorError {
    const message = `needs more digits than ${type} has`;
    return new ConnectorError('type', `Table ${this.#table}, column "${column}": ${value} ${message}.`, {
      hint: 'Change "Decimal places of BIGNUMERIC" in the settings of the source, or leave it empty to read exact text.',
      faults: [{ column, row: this.#rows + row + 1, value, message }],
    });
  }
}

/** True where the bytes of both types mean the same. */
function isSame(from: DataType, to: DataType): boolean {
  if (DataType.isDecimal(from) && DataType.isDecimal(to))
    return from.bitWidth === to.bitWidth && from.scale === to.scale && from.precision <= to.precision;
  if (DataType.isTimestamp(from) && DataType.isTimestamp(to))
    return from.unit === TimeUnit.MICROSECOND && Boolean(from.timezone) === Boolean(to.timezone);
  const isAsIs = [Type.Utf8, Type.Binary, Type.Bool, Type.Int, Type.Float, Type.Time, Type.Date].includes(from.typeId);
  return isAsIs && String(from) === String(to);
}

function retyped(source: Data, type: DataType): Data {
  const { length, nullCount, valueOffsets } = source;
  const common = { type, length, nullCount, nullBitmap: bitmapOf(source), data: source.values };
  return makeData((valueOffsets?.length ? { ...common, valueOffsets } : common) as never);
}

function bitmapOf(source: Data): Uint8Array | undefined {
  return source.nullCount > 0 ? source.nullBitmap : undefined;
}

function rescaled(
  source: Data,
  type: DataType,
  wanted: { precision: number; scale: number },
  from: { scale: number; bitWidth: number },
  fail: (row: number, value: string) => ConnectorError,
): Data {
  const words = source.values as Uint32Array;
  const data = new Uint32Array(source.length * 4);
  const limit = 10n ** BigInt(wanted.precision);
  const shift = wanted.scale - from.scale;
  const factor = 10n ** BigInt(Math.abs(shift));
  for (let row = 0; row < source.length; row += 1) {
    if (isNull(source, row)) continue;
    const whole = wholeOf(words, row, from.bitWidth);
    const isExact = shift >= 0 || whole % factor === 0n;
    const value = shift >= 0 ? whole * factor : whole / factor;
    if (!isExact || value >= limit || value <= -limit) throw fail(row, decimalText(whole, from.scale));
    for (let word = 0; word < 4; word += 1) data[row * 4 + word] = Number((value >> BigInt(32 * word)) & 0xffff_ffffn);
  }
  return makeData({
    type,
    length: source.length,
    nullCount: source.nullCount,
    nullBitmap: bitmapOf(source),
    data,
  } as never);
}
