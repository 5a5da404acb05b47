import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundaryOf, formParts, isSurelyLonger } from './multipart.server.ts';

const BOUNDARY = 'XyZ';

/** A form as it comes over the wire, cut into pieces of the given sizes. */
async function* wire(bytes: Buffer, sizes: number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}
const formOf = (parts: { head: string; body: Buffer }[]) =>
  Buffer.concat([
    ...parts.flatMap(({ head, body }) => [Buffer.from(`--${BOUNDARY}\r\n${head}\r\n\r\n`), body, Buffer.from('\r\n')]),
    Buffer.from(`--${BOUNDARY}--\r\n`),
  ]);

async function read(body: AsyncIterable<Uint8Array>, skip = false) {
  const found: { name: string; filename: string | null; body: Buffer }[] = [];
  for await (const part of formParts(body, BOUNDARY)) {
    const chunks: Uint8Array[] = [];
    if (!skip) for await (const chunk of part.body) chunks.push(chunk);
    found.push({ name: part.name, filename: part.filename, body: Buffer.concat(chunks) });
  }
  return found;
}

describe('isSurelyLonger', () => {
  const head = (name: string) => `Content-Disposition: form-data; name="${name}"; filename="x"`;
  const first = async (parts: { head: string; body: Buffer }[], most: number) => {
    const form = formOf(parts);
    for await (const part of formParts(wire(form, [7]), BOUNDARY)) {
      if (part.name === 'file') return isSurelyLonger(part, most, form.length, BOUNDARY);
    }
    return undefined;
  };

  it('knows of a file that is one byte too long before it is read, and refuses none that fits', async () => {
    const file = { head: head('file'), body: Buffer.alloc(1000) };
    const options = { head: head('options'), body: Buffer.from('{"delimiter":";"}') };
    for (const before of [[], [options]]) {
      expect(await first([...before, file], 999)).toBe(true);
      expect(await first([...before, file], 1000)).toBe(false);
      expect(await first([...before, file, options], 1000)).toBe(false);
      expect(await first([...before, file, { ...options, body: Buffer.alloc(0) }], 1000)).toBe(false);
    }
  });
});

describe('formParts', () => {
  it('gives back every byte of every part, however the form is cut', async () => {
    // Pieces of a delimiter inside of a body are what a careless search trips over.
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom('\r\n', '\r\n--', '\r\n--Xy', '--XyZ', '\r', '\n').map((text) => Buffer.from(text)),
    );
    const body = fc
      .array(piece, { maxLength: 8 })
      .map((pieces) => Buffer.concat(pieces))
      .filter((bytes) => !Buffer.concat([bytes, Buffer.from('\r')]).includes('\r\n--XyZ'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(body, { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }),
        async (bodies, sizes) => {
          const bytes = formOf(
            bodies.map((one, at) => ({ head: `Content-Disposition: form-data; name="p${at}"`, body: one })),
          );
          const found = await read(wire(bytes, sizes));
          expect(found.map((part) => part.name)).toEqual(bodies.map((_, at) => `p${at}`));
          found.forEach((part, at) => expect(part.body.equals(bodies[at]!)).toBe(true));
          expect((await read(wire(bytes, sizes), true)).length).toBe(bodies.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ['filename="bank.csv"', 'bank.csv'],
    ['filename="a \\"b\\".csv"', 'a "b".csv'],
    ['filename="a %22b%22.csv"', 'a "b".csv'],
    [`filename="x.csv"; filename*=UTF-8''Ma%C3%9F.csv`, 'Maß.csv'],
    ['filename="Überweisung.csv"', 'Überweisung.csv'],
  ])('reads the name in %s', async (text, name) => {
    const bytes = formOf([
      {
        head: `Content-Disposition: form-data; name="file"; ${text}\r\nContent-Type: text/csv`,
        body: Buffer.from('a'),
      },
    ]);
    expect((await read(wire(bytes, [7])))[0]?.filename).toBe(name);
  });

  it('says so when a form is cut off', async () => {
    const bytes = formOf([
      { head: 'Content-Disposition: form-data; name="file"; filename="a"', body: Buffer.alloc(100) },
    ]);
    await expect(read(wire(bytes.subarray(0, 120), [9]))).rejects.toMatchObject({ problem: { status: 400 } });
  });

  it('takes the boundary from the header, and refuses what is no form', () => {
    expect(boundaryOf('multipart/form-data; boundary=abc')).toBe('abc');
    expect(boundaryOf('multipart/form-data; charset=utf-8; boundary="a b"')).toBe('a b');
    expect(() => boundaryOf('application/json')).toThrow(/multipart/);
    expect(() => boundaryOf(null)).toThrow(/multipart/);
  });
});
