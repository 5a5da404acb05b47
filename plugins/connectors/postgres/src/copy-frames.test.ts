import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CopyFrames } from './copy-frames.ts';

function message(code: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(5);
  header.write(code, 'latin1');
  header.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([header, content]);
}

it('takes the data out of the messages and finds where it ends, however the bytes are cut', () => {
  const content = fc.uint8Array({ maxLength: 120 });
  const messages = fc.array(fc.tuple(fc.constantFrom('d', 'd', 'd', 'N', 'S'), content), { maxLength: 30 });
  fc.assert(
    fc.property(
      messages,
      fc.constantFrom('c', 'E'),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (list, last, cuts) => {
        const data = Buffer.concat(list.filter(([code]) => code === 'd').map(([, bytes]) => bytes));
        const before = Buffer.concat([
          message('H', new Uint8Array(3)),
          ...list.map(([code, bytes]) => message(code, bytes)),
        ]);
        const after = Buffer.from('what pg has to read itself');
        const ending = last === 'c' ? message('c', new Uint8Array(0)) : Buffer.from('E');
        const bytes = Buffer.concat([before, ending, after]);
        const frames = new CopyFrames();
        const target = Buffer.alloc(bytes.length);
        let to = 0;
        let at = 0;
        for (let i = 0; frames.end === null && at < bytes.length; i++) {
          const chunk = bytes.subarray(at, at + cuts[i % cuts.length]!);
          to = frames.unwrap(chunk, target, to);
          at += frames.end ?? chunk.length;
        }
        expect(target.subarray(0, to).equals(data)).toBe(true);
        // An error message is left whole for pg; the end of the data is taken.
        expect(bytes.subarray(at).toString('latin1')).toBe((last === 'E' ? 'E' : '') + after.toString());
      },
    ),
  );
});
