import { ProblemError, type ColumnInfo, type ColumnType } from '@kalla/core';

/** Excel keeps 15 digits of a number; a longer one stays text so that no digit is lost. */
const EXACT_DIGITS = 15;
/** Longest text of an Excel cell, in UTF-16 units. */
const CELL_CHARACTERS = 32_767;
/** Excel's calendar has a 29 February 1900 that never was, and nothing before that year. */
const FIRST_DAY = '1900-03-01';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** To the millisecond, which is as fine as Excel shows and as its numbers keep. */
const MOMENT = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d{1,3}0*)?(Z?)$/;

/**
 * A cell for Excel from its exact text: a number or a date where Excel holds it exactly, else the text itself.
 *
 * @throws ProblemError `validation` for a text that is longer than a cell of Excel can be: cut, it would look whole.
 */
export function excelCell(column: ColumnInfo, text: string | null): string | number | boolean | Date | null {
  if (text === null) return null;
  const { type } = column;
  if (type === 'boolean') return text === 'true';
  if (/^(u?int|decimal|float)/.test(type) && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) {
    const digits = text.replace(/e.*$/i, '').replace(/\D/g, '').replace(/^0+/, '');
    if (digits.length <= EXACT_DIGITS) return Number(text);
  }
  if (type === 'date' && DATE.test(text) && text >= FIRST_DAY) return new Date(`${text}T00:00:00Z`);
  if (type.startsWith('timestamp') && text >= FIRST_DAY) {
    const [, day, clock, fraction = ''] = MOMENT.exec(text) ?? [];
    if (day) return new Date(`${day}T${clock}${fraction.slice(0, 4)}Z`);
  }
  if (text.length > CELL_CHARACTERS) {
    throw new ProblemError(
      'validation',
      `A cell of Excel holds at most ${CELL_CHARACTERS.toLocaleString('en-US')} characters, and column "${column.name}" has one with ${text.length.toLocaleString('en-US')}. Download the rows as CSV or Parquet, which keep it whole.`,
      [{ field: 'format', column: column.name, message: 'too long for a cell of Excel' }],
    );
  }
  return escaped(text);
}

/** How Excel shows the cells of a column; undefined where it may choose. An instant is in UTC, and says so. */
export function excelFormat(type: ColumnType): string | undefined {
  const scale = /^decimal\(\d+,(\d+)\)$/.exec(type)?.[1];
  if (scale !== undefined) return Number(scale) > 0 ? `0.${'0'.repeat(Number(scale))}` : '0';
  if (type === 'date') return 'yyyy-mm-dd';
  if (type === 'timestamp') return 'yyyy-mm-dd hh:mm:ss.000';
  return type === 'timestamptz' ? 'yyyy-mm-dd hh:mm:ss.000"Z"' : undefined;
}

/**
 * Control characters, which XML cannot hold and the writer would drop, in Excel's own spelling `_x0001_`; a text that looks like
 * such a spelling has its underscore written so, that Excel shows it as it is.
 */
function escaped(text: string): string {
  return text
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/[\u0000-\u0008\u000b\u000c\u000d\u000e-\u001f\ufffe\uffff]/g, (character) => {
      return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
    });
}
