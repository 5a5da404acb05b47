import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readRecord, recordsOf } from './records.ts';

const dialect = { delimiter: ';', quote: '"' };
/** Cells without a quote, a delimiter or a line end: what is written as it stands. */
const cell = fc.string({ unit: fc.constantFrom('a', 'é', '0', ',', ' ', '𝄞', "'"), maxLength: 5 });
const row = fc.array(cell, { minLength: 1, maxLength: 6 });

it.each(['\n', '\r\n', '\r\r\n'])('reads rows that end in %j as they were written', (lineEnd) => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), (rows) => {
      const text = Buffer.from(rows.map((cells) => cells.join(';') + lineEnd).join(''));
      const found = recordsOf(text, dialect, 'lf', true);
      expect(found.map(({ cells }) => cells)).toEqual(rows.map((cells) => cells.map((one) => one || null)));
      expect(found.map(({ line }) => line)).toEqual(rows.map((_, at) => at + 1));
      expect(found.at(-1)!.end).toBe(text.length);
      expect(found.map(({ start }) => start)).toEqual([0, ...found.slice(0, -1).map(({ end }) => end)]);
    }),
  );
});

it('reads quoted and plain rows of one text alike', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(row, fc.boolean()), { minLength: 1, maxLength: 8 }), (rows) => {
      const written = rows.map(([cells, quoted]) => cells.map((one) => (quoted ? `"${one}"` : one)).join(';'));
      const found = recordsOf(Buffer.from(`${written.join('\n')}\n`), dialect, 'lf', true);
      // A quoted cell without a text is an empty text, a plain one is none.
      const expected = rows.map(([cells, quoted]) => cells.map((one) => (quoted ? one : one || null)));
      expect(found.map(({ cells }) => cells)).toEqual(expected);
    }),
  );
});

it('says where a NUL stands, and waits for the end of a row', () => {
  const text = Buffer.from('a;b\0;c\nd;e');
  expect(readRecord(text, 0, 1, dialect, 'lf', false)).toMatchObject({ fault: { column: 1, kind: 'nul' } });
  expect(readRecord(text, 7, 2, dialect, 'lf', false)).toBeNull();
  expect(readRecord(text, 7, 2, dialect, 'lf', true)).toMatchObject({ cells: ['d', 'e'], end: 10 });
});
