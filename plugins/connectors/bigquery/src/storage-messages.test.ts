import { protos } from '@google-cloud/bigquery-storage';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsOf, messageField, numberField, textField } from './protobuf.ts';
import {
  decodeReadSession,
  decodeRows,
  encodeCreateReadSession,
  encodeReadRows,
  reasonOf,
} from './storage-messages.ts';

const { CreateReadSessionRequest, ReadSession, ReadRowsRequest, ReadRowsResponse } =
  protos.google.cloud.bigquery.storage.v1;
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const count = fc.maxSafeNat();
const bytes = fc.uint8Array({ maxLength: 300 });

describe('messages of the Storage Read API, against Google’s own descriptions of them', () => {
  it('asks for a session as Google’s client does', () => {
    fc.assert(
      fc.property(
        fc.record({
          parent: text,
          table: text,
          columns: fc.array(text, { maxLength: 5 }),
          where: fc.option(text),
          streams: fc.nat({ max: 1000 }),
        }),
        (request) => {
          const read = CreateReadSessionRequest.toObject(
            CreateReadSessionRequest.decode(encodeCreateReadSession(request)),
            { enums: String },
          );
          const session = read['readSession'] as Record<string, unknown>;
          expect(read['parent'] ?? '').toBe(request.parent);
          expect(read['maxStreamCount'] ?? 0).toBe(request.streams);
          expect(session['table']).toBe(request.table);
          expect(session['dataFormat']).toBe('ARROW');
          expect(session['readOptions']).toEqual({
            ...(request.columns.length > 0 ? { selectedFields: request.columns } : {}),
            ...(request.where === null ? {} : { rowRestriction: request.where }),
          });
        },
      ),
    );
  });

  it('asks for rows as Google’s client does', () => {
    fc.assert(
      fc.property(text, count, (stream, offset) => {
        const read = ReadRowsRequest.decode(encodeReadRows({ stream, offset }));
        expect([read.readStream, Number(read.offset)]).toEqual([stream, offset]);
      }),
    );
  });

  it('reads a session, whatever else is in it', () => {
    fc.assert(
      fc.property(fc.array(text), bytes, count, count, text, (streams, header, rows, size, name) => {
        const message = ReadSession.encode({
          name,
          expireTime: { seconds: 1_790_000_000, nanos: 5 },
          dataFormat: 'ARROW',
          arrowSchema: { serializedSchema: header },
          table: 'projects/p/datasets/d/tables/t',
          tableModifiers: { snapshotTime: { seconds: -1 } },
          readOptions: { selectedFields: ['a'] },
          streams: streams.map((stream) => ({ name: stream })),
          estimatedTotalBytesScanned: size,
          estimatedTotalPhysicalFileSize: 7,
          estimatedRowCount: rows,
        }).finish();
        const read = decodeReadSession(message);
        expect({ ...read, header: [...read.header] }).toEqual({ streams, header: [...header], rows, bytes: size });
      }),
    );
  });

  it('reads rows, and leaves their bytes where they lie', () => {
    fc.assert(
      fc.property(bytes, count, fc.double({ min: 0, max: 1 }), (batch, rows, share) => {
        const message = ReadRowsResponse.encode({
          arrowRecordBatch: { serializedRecordBatch: batch, rowCount: rows },
          rowCount: rows,
          stats: { progress: { atResponseStart: share, atResponseEnd: share } },
          throttleState: { throttlePercent: 3 },
          arrowSchema: { serializedSchema: batch },
          uncompressedByteSize: 12,
        }).finish();
        const read = decodeRows(message);
        expect([[...read.bytes], read.rows]).toEqual([[...batch], rows]);
        if (batch.length > 0) expect(read.bytes.buffer).toBe(message.buffer);
      }),
    );
    expect(decodeRows(new Uint8Array(0))).toEqual({ bytes: new Uint8Array(0), rows: 0 });
  });

  it('says of a message that is cut off that it is', () => {
    const message = ReadRowsResponse.encode({
      arrowRecordBatch: { serializedRecordBatch: new Uint8Array(200) },
      rowCount: 300,
    }).finish();
    for (const length of [1, 2, 3, 4, 100, message.length - 1])
      expect(() => decodeRows(message.subarray(0, length))).toThrow(/cut off/);
    expect(() => [...fieldsOf(new Uint8Array(12).fill(0xff))]).toThrow(/longer than 64 bits/);
    expect(() => [...fieldsOf(Uint8Array.of(0x0b))]).toThrow(/unknown kind 3/);
  });

  it('finds Google’s reason in the details of a status', () => {
    const info = [textField(1, 'SERVICE_DISABLED'), textField(2, 'googleapis.com')];
    const any = (type: string, ...fields: Uint8Array[]) =>
      messageField(3, textField(1, `type.googleapis.com/google.rpc.${type}`), messageField(2, ...fields));
    const status = Buffer.concat([numberField(1, 7), textField(2, 'no'), any('Help'), any('ErrorInfo', ...info)]);
    expect(reasonOf(status)).toBe('SERVICE_DISABLED');
    expect(reasonOf(Buffer.concat([numberField(1, 7), any('Help')]))).toBeNull();
  });
});
