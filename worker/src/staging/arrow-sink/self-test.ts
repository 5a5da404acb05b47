import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBTableFunction, VARCHAR } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { fillVector, type StringPath } from './fill-vector.ts';
import type { FlatBatch } from './flat-batch.ts';
import { READ_BEYOND } from './read-beyond.ts';

/** Lengths around the inline limit of 12, long ones, and text beyond the basic plane. */
const SAMPLES = [
  '',
  'a',
  'twelve bytes',
  'thirteen byte',
  'é✓😀',
  'Überweisung 😀 an alle',
  'x'.repeat(5000),
  'INV-2026-000001',
];

/**
 * True when strings written by the fast path come back from DuckDB as they went in. Takes a few milliseconds; a sink
 * runs it once before its first batch, and uses the safe path where it fails.
 */
export async function fastStringsWork(connection: DuckDBConnection): Promise<boolean> {
  const texts = Array.from(
    { length: 700 },
    (_, index) => `${SAMPLES[index % SAMPLES.length]!}${index % 3 ? '' : index}`,
  );
  try {
    return (await roundTrip(connection, texts, 'fast')).every((text, index) => text === texts[index]);
  } catch {
    // Whatever goes wrong in a path that relies on internals is the answer: it does not work with this build of DuckDB.
    return false;
  }
}

async function roundTrip(connection: DuckDBConnection, texts: string[], strings: StringPath): Promise<unknown[]> {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const offsetsBytes = (texts.length + 1) * 4;
  const dataBytes = encoded.reduce((sum, bytes) => sum + bytes.length, 0);
  const buffer = new ArrayBuffer(offsetsBytes + dataBytes + READ_BEYOND);
  const offsets = new Int32Array(buffer, 0, texts.length + 1);
  const data = new Uint8Array(buffer, offsetsBytes);
  encoded.forEach((bytes, index) => {
    data.set(bytes, offsets[index]!);
    offsets[index + 1] = offsets[index]! + bytes.length;
  });
  const batch: FlatBatch = { rows: texts.length, buffer, columns: [{ data: offsetsBytes, dataBytes, offsets: 0 }] };
  let sent = false;
  connection.registerTableFunction(
    DuckDBTableFunction.create({
      name: 'sink_self_test',
      bindFunction: (bind) => bind.addResultColumn('text', VARCHAR),
      initFunction: (init) => init.setMaxThreads(1),
      mainFunction: (_info, chunk) => {
        chunk.rowCount = sent ? 0 : batch.rows;
        if (!sent) {
          const vector = duckdb.data_chunk_get_vector(chunk.chunk, 0);
          fillVector(vector, { kind: 'text' }, batch, batch.columns[0]!, 0, batch.rows, strings);
        }
        sent = true;
      },
    }),
  );
  const reader = await connection.runAndReadAll('SELECT text FROM sink_self_test()');
  return reader.getRows().map((row) => row[0]);
}
