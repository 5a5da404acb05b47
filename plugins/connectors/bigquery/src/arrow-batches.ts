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

/** Makes Kalla's batches of the Arrow messages of one read session. Buffers whose bytes already are right are handed on as they are. */
export class ArrowBatches {
  readonly #header: Uint8Array;
  readonly #columns: readonly PlannedColumn[];
  readonly #table: string;
  readonly #schema: Schema;
  /** Rows of this stream that were decoded before, to name a row at fault. */
  #rows = 0;

  constructor(header: Uint8Array, columns: readonly PlannedColumn[], table: string) {
    this.#header = header;
    this.#columns = columns;
    this.#table = table;
    this.#schema = arrowSchemaOf(columns.map(({ info }) => info));
  }

  /**
   * @param message a record batch as an encapsulated IPC message, without schema
   * @throws ConnectorError `schema-changed` where a column is not in it, `type` where a cell does not fit
   */
  decode(message: Uint8Array): Batch[] {
    // In two parts, so that the buffers stay where they lie in the message: the reader copies them only where that is no multiple
    // of eight bytes.
    return [...RecordBatchReader.from([this.#header, message])]
      .filter(({ numRows }) => numRows > 0)
      .map((batch) => this.#convert(batch));
  }

  #convert(batch: RecordBatch): Batch {
    const children = this.#columns.map((column, index) => {
      const at = batch.schema.fields.findIndex(({ name }) => name === column.field.name);
      const source = batch.data.children[at];
      if (!source) {
        throw new ConnectorError(
          'schema-changed',
          `Table ${this.#table} has no column "${column.field.name}" any more.`,
          {
            hint: 'Look at its columns again.',
          },
        );
      }
      return this.#column(source, column, this.#schema.fields[index]!.type);
    });
    this.#rows += batch.numRows;
    const type = new Struct(this.#schema.fields);
    return new RecordBatch(this.#schema, makeData({ type, length: batch.numRows, nullCount: 0, children }));
  }

  #column(source: Data, { info, field }: PlannedColumn, type: DataType): Data {
    if (isSame(source.type as DataType, type)) return retyped(source, type);
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
