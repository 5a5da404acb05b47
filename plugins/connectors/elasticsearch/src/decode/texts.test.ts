import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PageScanner } from '../hits/page.ts';
import { decodeTexts } from './texts.ts';

/** An answer as the server writes it; it ends right after the last document, so that the last text has nothing behind it to read. */
const pageOf = (texts: readonly (string | null)[]) =>
  Buffer.from(JSON.stringify({ hits: { hits: texts.map((text) => ({ _source: { t: text } })) } }));

it('gives back every text, with and without escapes, also where memory is used again', () => {
  const scanner = new PageScanner([{ path: 't', from: 'document', isRaw: false }]);
  const part = fc.oneof(
    fc.constantFrom('', 'a', '"', '\\', '\n', 'é', '😀', '\u0001', 'x'.repeat(255), 'y'.repeat(257)),
    fc.string({ unit: 'grapheme' }),
  );
  const text = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(fc.option(text), { minLength: 1, maxLength: 40 }), fc.nat(200), (texts, room) => {
      const { cells } = scanner.scan(pageOf(texts), texts.length);
      const { offsets, data } = decodeTexts(cells[0]!, room);
      const back = texts.map((_, row) => Buffer.from(data.subarray(offsets[row], offsets[row + 1])).toString());
      expect(back).toEqual(texts.map((one) => one ?? ''));
    }),
  );
});
