import { makeData, RecordBatch, Struct, type Data, type DataType, type Schema } from 'apache-arrow';
import { ConnectorError, decimalOf, type Batch } from '@kalla/core';
import { arrowSchemaOf } from '@kalla/core/arrow';
import type { PlannedColumn } from '../columns.ts';
import { CellError, type Cells } from '../hits/cells.ts';
import { decodeBooleans, decodeDecimals, decodeFloats, decodeIntegers, type Odd } from './numbers.ts';
import { decodeBinary, decodeTexts } from './texts.ts';
import { decodeDays, decodeInstants, decodeNanos } from './times.ts';
import { validityOf } from './validity.ts';

/** Makes Arrow batches of the cells of pages. */
export class BatchMaker {
  readonly schema: Schema;
  readonly #columns: readonly PlannedColumn[];
  readonly #table: string;
  readonly #odd: Odd;
  /** By column, the bytes that its texts took in the last batch. */
  readonly #textBytes: number[] = [];

  constructor(columns: readonly PlannedColumn[], options: { table: string; odd: Odd }) {
    this.#columns = columns;
    this.#table = options.table;
    this.#odd = options.odd;
    this.schema = arrowSchemaOf(columns.map(({ info }) => info));
  }

  /** @param idOf names the document of a row, for the sentence of an error. */
  make(cells: readonly Cells[], rows: number, idOf: (row: number) => string): Batch {
    const children = this.#columns.map((column, index) => this.#data(column, cells[index]!, index, idOf));
    const type = new Struct(this.schema.fields);
    return new RecordBatch(this.schema, makeData({ type, length: rows, nullCount: 0, children }));
  }

  #data(column: PlannedColumn, cells: Cells, index: number, idOf: (row: number) => string): Data {
    try {
      if (/^(integer|decimal|float)$/.test(column.mapping.codec)) dropEmptyTexts(cells);
      const { nulls, bitmap } = validityOf(cells);
      const type = this.schema.fields[index]!.type as DataType;
      const common = { type, length: cells.rows, nullCount: nulls, ...(bitmap ? { nullBitmap: bitmap } : {}) };
      return makeData({ ...common, ...this.#values(column, cells, index) } as Parameters<typeof makeData>[0]);
    } catch (error) {
      if (error instanceof CellError) throw this.#explain(column, error, idOf);
      throw error;
    }
  }

  #values({ mapping, info }: PlannedColumn, cells: Cells, index: number): object {
    const variable = ({ offsets, data }: { offsets: Int32Array; data: Uint8Array }) => ({
      valueOffsets: offsets,
      data,
    });
    switch (mapping.codec) {
      case 'text':
      case 'json': {
        const last = this.#textBytes[index] ?? 0;
        const texts = decodeTexts(cells, Math.ceil(last * 1.1));
        this.#textBytes[index] = texts.data.length;
        return variable(texts);
      }
      case 'nanos':
        return variable(decodeNanos(cells));
      case 'binary':
        return variable(decodeBinary(cells));
      case 'integer': {
        const [, unsigned, bits] = /^(u?)int(\d+)$/.exec(info.type) ?? [];
        return { data: decodeIntegers(cells, Number(bits) as 8 | 16 | 32 | 64, unsigned === '', this.#odd) };
      }
      case 'decimal': {
        const { precision, scale } = decimalOf(info.type)!;
        return { data: decodeDecimals(cells, precision, scale, this.#odd) };
      }
      case 'float':
        return { data: decodeFloats(cells) };
      case 'boolean':
        return { data: decodeBooleans(cells) };
      case 'instant':
        return { data: decodeInstants(cells) };
      case 'day':
        return { data: decodeDays(cells) };
    }
  }

  #explain({ info, path }: PlannedColumn, error: CellError, idOf: (row: number) => string): ConnectorError {
    const id = idOf(error.row);
    const value = error.value.length > 60 ? `${error.value.slice(0, 60)}…` : error.value;
    return new ConnectorError(
      'type',
      `"${this.#table}", document "${id}", field "${path}": ${value} ${error.message}, and is read as ${info.type}.`,
      {
        field: 'text_fields',
        hint: `Mend the document, or name "${path}" under "Fields to read as text" in the settings of the source.`,
        faults: [{ column: info.name, value: error.value.slice(0, 200), message: `${error.message} (document ${id})` }],
      },
    );
  }
}

/** An empty text in a field of numbers is no value, as in Elasticsearch. */
function dropEmptyTexts({ from, to, buffer, rows }: Cells): void {
  for (let i = 0; i < rows; i++)
    if (from[i]! >= 0 && to[i]! - from[i]! === 2 && buffer[from[i]!] === 0x22) from[i] = -1;
}
