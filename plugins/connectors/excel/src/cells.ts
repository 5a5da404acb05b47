import type { ConnectorError } from '@kalla/core';
import { addressOf } from './address.ts';
import { brokenError } from './errors.ts';
import { plainNumber } from './number-digits.ts';
import { durationOf, momentOf } from './serial-date.ts';
import type { SharedStrings } from './shared-strings.ts';
import { unescapeText } from './text.ts';
import type { Cell, CellFormat, Fault, RawCell } from './types.ts';
import type { Workbook } from './workbook.ts';

/** The value of a cell as exact text; null where it is empty. Throws where the file says what no cell can hold. */
export function readCell(
  raw: RawCell,
  row: number,
  workbook: Pick<Workbook, 'archive' | 'formats' | 'epoch1904'>,
  sheet: string,
  strings: Pick<SharedStrings, 'get'> | null,
): Cell | Fault | null {
  const { value } = raw;
  if (value === null || (value === '' && raw.type !== 'str' && raw.type !== 'inlineStr')) {
    return raw.formula ? { fault: 'no-value' } : null;
  }
  const format = workbook.formats[raw.style] ?? null;
  switch (raw.type) {
    case 's': {
      if (!strings || !/^\s*\d+\s*$/.test(value)) throw wrong(workbook, sheet, raw, row, 'no number of a text');
      return textCell(
        strings.get(Number(value), () => addressOf(sheet, raw.column, row)),
        format,
      );
    }
    case 'str':
    case 'inlineStr':
      return textCell(unescapeText(value), format);
    case 'b':
      return { kind: 'boolean', text: value.trim() === '1' || value.trim() === 'true' ? 'true' : 'false', format };
    case 'e':
      return { fault: 'error', text: value };
    case 'd':
      return isoCell(value.trim(), format) ?? textCell(value, format);
    case 'n': {
      const plain = plainNumber(value.trim());
      if (!plain) throw wrong(workbook, sheet, raw, row, 'no number');
      const time = format && format.kind !== 'number' ? timeCell(plain.text, format, workbook.epoch1904) : null;
      if (time) return time;
      if (format && format.zeros > plain.text.length && /^\d+$/.test(plain.text)) {
        return { kind: 'number', text: plain.text.padStart(format.zeros, '0'), format, padded: true, sum: raw.sum };
      }
      const cell: Cell = { kind: 'number', text: plain.text, format, sum: raw.sum };
      if (plain.shortened !== undefined) cell.shortened = plain.shortened;
      return cell;
    }
    default:
      throw wrong(workbook, sheet, raw, row, `of a kind "${raw.type}" that Excel does not have`);
  }
}

function wrong(
  { archive }: Pick<Workbook, 'archive'>,
  sheet: string,
  { column, value }: RawCell,
  row: number,
  what: string,
): ConnectorError {
  const text = (value ?? '').slice(0, 100);
  return brokenError(archive.name, `${addressOf(sheet, column, row)} holds "${text}", which is ${what}`);
}

function textCell(text: string, format: CellFormat | null): Cell {
  return { kind: text.trim() === '' ? 'blank' : 'text', text, format };
}

/** Dates are numbers that show as dates. What no calendar has stays a number. */
function timeCell(serial: string, format: CellFormat, epoch1904: boolean): Cell | null {
  if (serial.includes('E')) return null;
  if (format.kind === 'duration') return { kind: 'duration', text: durationOf(serial), format };
  const moment = momentOf(serial, epoch1904);
  if (!moment) return null;
  const { day, clock } = moment;
  if (format.kind === 'time' && (day === null || (epoch1904 && /^0(\.|$)/.test(serial)))) {
    return { kind: 'time', text: clock ?? '00:00:00', format };
  }
  if (day === null) return null;
  // The day that never was is no date to anyone else.
  if (day === '1900-02-29') return { kind: 'text', text: clock ? `${day} ${clock}` : day, format };
  if (clock === null && format.kind === 'date') return { kind: 'date', text: day, format };
  return { kind: 'datetime', text: `${day} ${clock ?? '00:00:00'}`, format };
}

/** Dates of workbooks that are saved in the strict form. */
function isoCell(value: string, format: CellFormat | null): Cell | null {
  const match = /^(\d{4}-\d{2}-\d{2})?(?:T?(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?Z?$/.exec(value);
  if (!match) return null;
  const [, day, clock] = match;
  const full = clock?.length === 5 ? `${clock}:00` : clock;
  if (!day) return full ? { kind: 'time', text: full, format } : null;
  if (!full || (format?.kind === 'date' && /^00:00:00(\.0+)?$/.test(full))) return { kind: 'date', text: day, format };
  return { kind: 'datetime', text: `${day} ${full}`, format };
}
