import type { Batch, ColumnType, ConnectorError } from '@kalla/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CopyDecoder } from './copy-decoder.ts';
import type { PlannedColumn } from './select.ts';
import { cellsOf } from './testing/cells.ts';
import type { Codec } from './types.ts';

const column = (name: string, type: ColumnType, codec: Codec): PlannedColumn => ({
  info: { name, type },
  codec,
  expression: name,
  declared: '',
  note: null,
});

/** What the server would send: header, tuples, trailer. */
function copyBytes(rows: Array<Array<Buffer | null>>, end = true): Buffer {
  const parts: Buffer[] = [Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)];
  for (const row of rows) {
    const count = Buffer.alloc(2);
    count.writeUInt16BE(row.length);
    parts.push(count);
    for (const cell of row) {
      const length = Buffer.alloc(4);
      length.writeInt32BE(cell ? cell.length : -1);
      parts.push(length, ...(cell ? [cell] : []));
    }
  }
  if (end) parts.push(Buffer.from([0xff, 0xff]));
  return Buffer.concat(parts);
}

function message(code: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(5);
  header.write(code, 'latin1');
  header.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([header, content]);
}

/** All batches of data that comes in one message. */
function decode(decoder: CopyDecoder, data: Buffer): Batch[] {
  decoder.receive(Buffer.concat([message('d', data), message('c', new Uint8Array(0))]));
  return [...decoder.batches(), ...decoder.finish()];
}

const int4 = (value: number) => {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
};

describe('CopyDecoder', () => {
  const columns = [column('id', 'int32', 'int32'), column('t', 'text', 'text')];

  it('reads the messages of the protocol, whether each holds a row or the data is cut otherwise', () => {
    const row = fc.tuple(fc.option(fc.integer({ min: -9, max: 9 })), fc.option(fc.string({ maxLength: 60 })));
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 32, max: 400 }),
        // Where the data is cut otherwise than in rows: never, or from some byte on.
        fc.option(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 90 }))),
        fc.constantFrom('c', 'E'),
        (rows, cuts, batchRows, slabBytes, otherwise, last) => {
          const cells = rows.map(([id, t]) => [id === null ? null : int4(id), t === null ? null : Buffer.from(t)]);
          const data = copyBytes(cells);
          const ends = cells.map((_, index) => copyBytes(cells.slice(0, index + 1), false).length);
          const edges = [...ends, data.length].filter((edge) => !otherwise || edge <= otherwise[0]);
          if (otherwise) {
            let edge = edges.at(-1) ?? 0;
            while (edge < data.length) edges.push((edge = Math.min(data.length, edge + otherwise[1])));
          }
          const after = Buffer.from('for pg');
          const bytes = Buffer.concat([
            message('H', new Uint8Array(3)),
            ...edges.flatMap((edge, index) => [
              ...(index % 3 === 1 ? [message('N', Buffer.from('a notice'))] : []),
              message('d', data.subarray(edges[index - 1] ?? 0, edge)),
            ]),
            last === 'c' ? message('c', new Uint8Array(0)) : Buffer.from('E'),
            after,
          ]);
          const decoder = new CopyDecoder(columns, { table: 't', batchRows, slabBytes });
          const batches: Batch[] = [];
          const take = (): Buffer | null => {
            const completed = decoder.batches();
            let next = completed.next();
            for (; !next.done; next = completed.next()) batches.push(next.value);
            return next.value;
          };
          let rest: Buffer | null = null;
          let at = 0;
          for (let i = 0; rest === null && at < bytes.length; i++) {
            const end = at + Math.min(cuts[i % cuts.length]!, decoder.room);
            decoder.receive(bytes.subarray(at, end));
            at = end;
            // More may come before somebody looks.
            if (decoder.room < 50 || i % 3 !== 1) rest = take();
          }
          rest ??= take();
          batches.push(...decoder.finish());
          expect(cellsOf(batches, 0, 'int32')).toEqual(rows.map(([id]) => (id === null ? null : String(id))));
          expect(cellsOf(batches, 1, 'text')).toEqual(rows.map(([, t]) => t));
          expect(batches.every(({ numRows }) => numRows > 0 && numRows <= batchRows)).toBe(true);
          // An error message is left whole for pg; the end of the data is taken.
          const left = Buffer.concat([rest!, bytes.subarray(at)]).toString();
          expect(left).toBe((last === 'E' ? 'E' : '') + after.toString());
        },
      ),
    );
  });

  it('does not take data that ends in the middle for the whole', () => {
    const decoder = new CopyDecoder(columns, { table: 'public.t' });
    const bytes = copyBytes([[int4(1), Buffer.from('x')]], false);
    expect(() => decode(decoder, bytes)).toThrow('public.t: the data ended in the middle');
  });

  it('refuses cells of another width than their type, and text that is not UTF-8', () => {
    const read = (given: PlannedColumn[], cells: Buffer[]) => {
      const decoder = new CopyDecoder(given, { table: 'public.t', checkUtf8: true });
      try {
        return decode(decoder, copyBytes([cells]));
      } catch (error) {
        return error as ConnectorError;
      }
    };
    expect(read([column('id', 'int64', 'int64')], [int4(1)])).toMatchObject({
      kind: 'type',
      faults: [{ column: 'id', row: 1 }],
    });
    const latin1 = read([column('t', 'text', 'text')], [Buffer.from('Gr\xfc\xdfe', 'latin1')]);
    expect(latin1).toMatchObject({ kind: 'type', faults: [{ column: 't', value: 'Grüße' }] });
  });

  it.each([
    ['12.345', [2, 0, 0, 3, 12, 3450], 'decimal(10,2)', 'more than the 2 decimal places'],
    ['0.001', [1, 0xffff, 0, 3, 10], 'decimal(10,2)', 'more than the 2 decimal places'],
    ['123456', [2, 1, 0, 0, 12, 3456], 'decimal(5,0)', 'more than the 5 digits'],
    ['-123456', [2, 1, 0x4000, 0, 12, 3456], 'decimal(5,0)', 'more than the 5 digits'],
  ] as const)('never rounds or cuts %s into a column it does not fit', (text, words, type, reason) => {
    const cell = Buffer.alloc(words.length * 2);
    words.forEach((word, i) => cell.writeUInt16BE(word, i * 2));
    const decoder = new CopyDecoder([column('amount', type, 'decimal')], { table: 't' });
    let error: unknown;
    try {
      error = decode(decoder, copyBytes([[cell]]));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ kind: 'type', faults: [{ value: text }] });
    expect((error as Error).message).toContain(reason);
  });
});
