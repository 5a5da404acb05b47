import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { calm, TestFiles } from '@kalla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CsvConfig } from './config.ts';
import plugin from './index.ts';

let files: TestFiles<CsvConfig>;
beforeAll(async () => {
  files = await TestFiles.create(plugin, 'bank.csv');
});
afterAll(async () => {
  await files[Symbol.asyncDispose]();
});

/** Value as Kalla must show it, and one of the ways to write it. */
interface Cell {
  value: string | null;
  text: string;
  quoted: boolean;
}

const plainText = fc.string({ unit: fc.constantFrom(...'abz09 ,;|\t"\'éÜ.-\n€'), maxLength: 8 });
const textCell = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Cell>({ value: null, text: '', quoted: false }) },
  { weight: 6, arbitrary: plainText.map((text): Cell => ({ value: text, text, quoted: true })) },
);

function group(whole: string, mark: string): string {
  return whole.replaceAll(/\B(?=(\d{3})+$)/g, mark);
}
function decimalCell(decimal: '.' | ',') {
  const marks = decimal === '.' ? ['', ',', ' ', "'"] : ['', '.', ' ', '\u00a0', '\u202f'];
  return fc
    .tuple(
      fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }),
      fc.constantFrom(...marks),
      fc.constantFrom('-x', 'x-', '(x)'),
    )
    .map(([cents, mark, sign]): Cell => {
      const magnitude = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
      const whole = magnitude.slice(0, -2);
      const plain = `${whole}.${magnitude.slice(-2)}`;
      const written = `${group(whole, mark)}${decimal}${magnitude.slice(-2)}`;
      const value = cents < 0n ? `-${plain}` : plain;
      return { value, text: cents < 0n ? sign.replace('x', written) : written, quoted: true };
    });
}
const dateCell = (order: 'iso' | 'dmy') =>
  fc.date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true }).map((date): Cell => {
    const value = date.toISOString().slice(0, 10);
    const [y, m, d] = value.split('-');
    return { value, text: order === 'iso' ? value : `${d}.${m}.${y}`, quoted: true };
  });

const dialect = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  newline: fc.constantFrom('\n', '\r\n'),
  encoding: fc.constantFrom('utf8', 'utf8-bom', 'utf16le', 'utf16be', 'windows-1252', 'gzip'),
  decimal: fc.constantFrom('.' as const, ',' as const),
  dates: fc.constantFrom('iso' as const, 'dmy' as const),
  finalNewline: fc.boolean(),
});

const table = dialect.chain((how) =>
  fc.record({
    how: fc.constant(how),
    rows: fc.array(fc.tuple(textCell, decimalCell(how.decimal), dateCell(how.dates), textCell), {
      minLength: 1,
      maxLength: 30,
    }),
  }),
);

function encode(text: string, encoding: string): Buffer {
  switch (encoding) {
    case 'utf8-bom':
      return Buffer.from(`\ufeff${text}`);
    case 'utf16le':
      return Buffer.from(`\ufeff${text}`, 'utf16le');
    case 'utf16be':
      return Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    case 'windows-1252':
      return Buffer.from(text.replaceAll('€', '\u0080').replaceAll('\u202f', '\u00a0'), 'latin1');
    case 'gzip':
      return gzipSync(text);
    default:
      return Buffer.from(text);
  }
}

test('any table in any dialect and encoding comes back cell by cell', async () => {
  await fc.assert(
    fc.asyncProperty(table, async ({ how, rows }) => {
      const line = (cells: readonly Cell[]) =>
        cells.map(({ text, quoted }) => (quoted ? `"${text.replaceAll('"', '""')}"` : text)).join(how.delimiter);
      // The first date tells the order of all.
      const sure: Cell[] = [
        { value: 'first', text: 'first', quoted: true },
        { value: '1.25', text: `1${how.decimal}25`, quoted: true },
        { value: '2026-01-31', text: how.dates === 'iso' ? '2026-01-31' : '31.01.2026', quoted: true },
        { value: 'x', text: 'x', quoted: true },
      ];
      const all = [sure, ...rows];
      const text =
        ['name', 'amount', 'day', 'note'].join(how.delimiter) + how.newline + all.map(line).join(how.newline);
      const connection = await files.file(encode(text + (how.finalNewline ? how.newline : ''), how.encoding), {
        options: { columns: { name: 'text', note: 'text' } },
      });
      const info = await connection.describe(undefined, calm());
      expect(info.rowCount).toBe(all.length);
      expect(info.columns.map(({ type }) => type.replace(/\d+/, 'p'))).toEqual([
        'text',
        'decimal(p,2)',
        'date',
        'text',
      ]);
      const plan = await connection.plan({}, calm());
      const seen: (string | null)[][] = [];
      for await (const batch of connection.read(plan, { id: 'file' }, calm())) {
        const words = batch.getChildAt(1)?.data[0]?.values as Uint32Array;
        for (let r = 0; r < batch.numRows; r++) {
          seen.push([
            batch.getChildAt(0)?.get(r) as string | null,
            cents(words.subarray(r * 4, r * 4 + 4)),
            new Date(Number(batch.getChildAt(2)?.get(r))).toISOString().slice(0, 10),
            batch.getChildAt(3)?.get(r) as string | null,
          ]);
        }
      }
      // A zero has no sign.
      expect(seen).toEqual(all.map((row) => row.map(({ value }) => (value === '-0.00' ? '0.00' : value))));
      await connection[Symbol.asyncDispose]();
    }),
    { numRuns: 60 },
  );
}, 180_000);

/** Two's complement words as text with two decimals. */
function cents(words: Uint32Array): string {
  let value = 0n;
  for (let i = 3; i >= 0; i--) value = (value << 32n) | BigInt(words[i] ?? 0);
  value = BigInt.asIntN(128, value);
  const text = (value < 0n ? -value : value).toString().padStart(3, '0');
  return `${value < 0n ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`;
}
