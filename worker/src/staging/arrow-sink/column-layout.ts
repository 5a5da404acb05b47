import { decimalOf, type ColumnInfo, type ColumnType } from '@kalla/core';

/**
 * How the bytes of one Arrow column become the bytes of a DuckDB vector.
 *
 * `copy` the same bytes · `boolean` one bit to one byte · `decimal` the low bytes of 16 · `uuid` 16 bytes reversed with the
 * top bit flipped, which is how DuckDB keeps a UUID as a 128-bit integer that sorts like its text · `text`, `binary` offsets and bytes.
 */
export type ColumnLayout =
  | { kind: 'copy'; width: 1 | 2 | 4 | 8 | 16 }
  | { kind: 'boolean' }
  | { kind: 'decimal'; width: 2 | 4 | 8 | 16 }
  | { kind: 'uuid' }
  | { kind: 'text' }
  | { kind: 'binary' };

const WIDTHS: Record<string, 1 | 2 | 4 | 8> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  date: 4,
  int64: 8,
  uint64: 8,
  float64: 8,
  time: 8,
  timestamp: 8,
  timestamptz: 8,
};

/** The layout of a column type. DuckDB keeps a DECIMAL in 2 bytes up to 4 digits, 4 up to 9, 8 up to 18, else 16. */
export function layoutOf(type: ColumnType): ColumnLayout {
  const decimal = decimalOf(type);
  if (decimal) {
    const { precision } = decimal;
    return { kind: 'decimal', width: precision <= 4 ? 2 : precision <= 9 ? 4 : precision <= 18 ? 8 : 16 };
  }
  if (type === 'boolean' || type === 'uuid' || type === 'text' || type === 'binary') return { kind: type };
  const width = WIDTHS[type];
  if (!width) throw new TypeError(`Not a column type of Kalla: ${type}`);
  return { kind: 'copy', width };
}

/**
 * A column as the sink thread is told of it: all that it would else have to load the contracts for, which takes longer than
 * everything else that it begins with.
 */
export interface SinkColumn {
  name: string;
  type: ColumnType;
  layout: ColumnLayout;
  /** Precision and scale of a decimal. */
  decimal: { precision: number; scale: number } | null;
}

export const sinkColumn = ({ name, type }: Pick<ColumnInfo, 'name' | 'type'>): SinkColumn => ({
  name,
  type,
  layout: layoutOf(type),
  decimal: decimalOf(type),
});

/** Bytes of one value in Arrow; 0 for bits and for values of varying length. */
export function arrowWidthOf(layout: ColumnLayout): number {
  if (layout.kind === 'copy') return layout.width;
  return layout.kind === 'decimal' || layout.kind === 'uuid' ? 16 : 0;
}
