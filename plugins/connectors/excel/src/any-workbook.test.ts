import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainNumber } from './number-digits.ts';
import { momentOf } from './serial-date.ts';
import { escapeXml, workbookOf } from './testing/make-workbook.ts';
import { readWorkbook } from './testing/open-file.ts';

type Made = { xml: (ref: string) => string; text: string | null };

/** Characters that XML can hold; the others a workbook writes as `_xHHHH_`. */
const anyText = fc
  .string({ unit: 'binary', maxLength: 12 })
  .filter(
    (text) =>
      !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\ud800-\udfff]/u.test(text) && !/_x[0-9a-f]{4}_/i.test(text),
  );
const text = anyText.map((value): Made => ({
  xml: (ref) => `<c r="${ref}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(value)}</t></is></c>`,
  text: value,
}));
const amount = fc
  .tuple(fc.bigInt(-999_999_999_999n, 999_999_999_999n), fc.integer({ min: 0, max: 4 }))
  .map(([digits, scale]): Made => {
    const plain = spell(digits, scale);
    return { xml: (ref) => `<c r="${ref}"><v>${plain}</v></c>`, text: plain };
  });
const nothing = fc.constant<Made>({ xml: () => '', text: null });

function spell(digits: bigint, scale: number): string {
  const padded = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const at = padded.length - scale;
  return `${digits < 0n ? '-' : ''}${padded.slice(0, at)}${scale ? `.${padded.slice(at)}` : ''}`;
}

/** The same value in one spelling. */
const canonical = (value: string) => {
  const plain = value.includes('.') ? value.replace(/0+$/, '').replace(/\.$/, '') : value;
  return plain === '-0' ? '0' : plain;
};

test('whatever texts and amounts a sheet holds, each cell comes back', { timeout: 180_000 }, async () => {
  const rows = fc.array(fc.tuple(fc.oneof(text, nothing), fc.oneof(amount, nothing), fc.oneof(text, amount)), {
    minLength: 1,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(rows, async (made) => {
      const xml = made.map((cells, index) => {
        const row = index + 2;
        return `<row r="${row}"><c r="A${row}"><v>${row}</v></c>${cells.map((cell, column) => cell.xml(`${'BCD'[column]}${row}`)).join('')}</row>`;
      });
      const header =
        '<row r="1">' +
        ['n', 'text', 'amount', 'either']
          .map((name, index) => `<c r="${'ABCD'[index]}1" t="inlineStr"><is><t>${name}</t></is></c>`)
          .join('') +
        '</row>';
      const found = await readWorkbook(workbookOf({ sheets: [{ name: 'S', rows: header + xml.join('') }] }), {
        header: true,
        skip_lines: 0,
        skip_footer: 0,
        columns: { text: 'text', either: 'text' },
      });
      expect(found.rows.map((row) => row[0])).toEqual(made.map((_, index) => String(index + 2)));
      expect(found.rows.map((row) => row[1])).toEqual(made.map(([cell]) => cell.text));
      expect(found.rows.map((row) => row[2] && canonical(row[2]))).toEqual(
        made.map(([, cell]) => cell.text && canonical(cell.text)),
      );
      expect(found.rows.map((row) => row[3] && canonical(row[3]))).toEqual(
        made.map(([, , cell]) => cell.text && canonical(cell.text)),
      );
    }),
    { numRuns: 25 },
  );
});

test('every double that Excel can hold is read as its 15 digits', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }), (value) => {
      // Excel has no subnormal numbers, and these have no 15 digits.
      fc.pre(value === 0 || Math.abs(value) >= 2.2250738585072014e-308);
      // JavaScript prints the shortest text of a double, Excel 17 digits; both have to end in the same 15.
      const shown = Number(value.toPrecision(15));
      for (const written of [String(value), value.toExponential(16).toUpperCase()]) {
        if (/^-?\d{16,}$/.test(written)) continue;
        const read = plainNumber(written);
        expect(read).not.toBeNull();
        // A half in the 16th digit of a shortened text may be rounded either way: one step of the 15th, and less than
        // 0.3 steps for what two doubles and their difference lose.
        const off = Math.abs(Number(read?.text) - shown);
        const step = value === 0 ? 0 : Number(`1e${Number(value.toExponential(14).split('e')[1]) - 14}`);
        expect(off).toBeLessThanOrEqual(1.3 * step);
        expect(
          read?.text
            .replace(/[-.]/g, '')
            .replace(/E.*$/, '')
            .replace(/^0+|0+$/g, '').length,
        ).toBeLessThanOrEqual(15);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a day of the calendar and its serial number are each other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 61, max: 2_958_465 }), fc.boolean(), (serial, epoch1904) => {
      const moment = momentOf(String(epoch1904 ? serial - 1462 : serial), epoch1904);
      if (epoch1904 && serial < 1462) {
        expect(moment).toBeNull();
        return;
      }
      expect(moment?.day).toBe(new Date(Date.UTC(1899, 11, 30) + serial * 86_400_000).toISOString().slice(0, 10));
      expect(moment?.clock).toBeNull();
    }),
  );
  expect(momentOf('46053.999999999', false)).toEqual({ day: '2026-02-01', clock: null });
});
