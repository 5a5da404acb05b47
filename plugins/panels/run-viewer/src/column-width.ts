import type { ColumnInfo, RowsPage } from '@kalla/core';

/** Width of a character in px, about; figures of one width are a little wider than text. */
const characterWidth = 8;
const padding = 24;

/** A width in px for each column, from its name and the first rows: wide enough to read, bounded so that many fit. */
export function columnWidths(columns: readonly ColumnInfo[], rows: RowsPage['rows']): number[] {
  return columns.map((column) => {
    const longest = rows.slice(0, 100).reduce((most, row) => Math.max(most, String(row[column.name] ?? '').length), 4);
    const name = column.name.length + 3;
    return Math.min(360, Math.max(72, Math.ceil(Math.max(longest * 1.1, name) * characterWidth + padding)));
  });
}
