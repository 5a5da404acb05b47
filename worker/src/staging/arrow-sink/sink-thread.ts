import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { DuckDBInstance, DuckDBTableFunction, type DuckDBConnection, type DuckDBType } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { stagedParquet } from '../../engine/parquet-options.ts';
import { duckdbTypeObject } from './duckdb-type.ts';
import { fillVector, VECTOR_ROWS, type StringPath } from './fill-vector.ts';
import type { SinkColumn } from './column-layout.ts';
import type { FlatBatch } from './flat-batch.ts';
import type { FromSink, SinkThreadData, ToSink } from './messages.ts';
import { fastStringsWork } from './self-test.ts';

/**
 * The sink thread: DuckDB pulls rows out of a table function whose callback waits for the next batch.
 *
 * The callback runs on this thread's JavaScript and must answer at once, so it sleeps on `Atomics.wait` and takes
 * messages by hand. That is why it needs a thread of its own: the main thread stays free to read the source.
 */
const port = parentPort as MessagePort;
const data = workerData as SinkThreadData;
const counter = new Int32Array(data.signal);
const post = (message: FromSink, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

/** Waits for the next message without returning to the event loop. */
function next(): ToSink {
  for (;;) {
    const seen = Atomics.load(counter, 0);
    const received = receiveMessageOnPort(port) as { message: ToSink } | undefined;
    if (received) return received.message;
    Atomics.wait(counter, 0, seen);
  }
}

function registerBatches(
  connection: DuckDBConnection,
  columns: readonly SinkColumn[],
  strings: StringPath,
): { rows: () => number } {
  const layouts = columns.map(({ layout }) => layout);
  const types: DuckDBType[] = columns.map(duckdbTypeObject);
  let batch: FlatBatch | null = null;
  let at = 0;
  let total = 0;
  let ended = false;
  connection.registerTableFunction(
    DuckDBTableFunction.create({
      name: 'batches',
      // Column names are given in the SELECT, so that no name can be special here.
      bindFunction: (bind) => types.forEach((type, index) => bind.addResultColumn(`c${index}`, type)),
      initFunction: (init) => init.setMaxThreads(1),
      mainFunction: (info, chunk) => {
        while (!ended && (batch === null || at >= batch.rows)) {
          if (batch !== null) post({ kind: 'taken', buffer: batch.buffer }, [batch.buffer]);
          batch = null;
          const message = next();
          if (message.kind === 'batch') {
            batch = message.batch;
            at = 0;
          } else {
            ended = true;
            if (message.kind !== 'end') info.setError('kalla: aborted');
          }
        }
        if (batch === null) {
          chunk.rowCount = 0;
          return;
        }
        const rows = Math.min(VECTOR_ROWS, batch.rows - at);
        chunk.rowCount = rows;
        for (let index = 0; index < layouts.length; index++) {
          const vector = duckdb.data_chunk_get_vector(chunk.chunk, index);
          fillVector(vector, layouts[index]!, batch, batch.columns[index]!, at, rows, strings);
        }
        at += rows;
        total += rows;
      },
    }),
  );
  return { rows: () => total };
}

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

async function main(): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${Math.max(1, Math.floor(data.memoryBytes / 2 ** 20))}MiB`,
    temp_directory: data.tempDir,
    // With a second thread DuckDB spins on it while the callback sleeps.
    threads: '1',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    const strings = data.strings ?? ((await fastStringsWork(connection)) ? 'fast' : 'safe');
    const first = next();
    if (first.kind !== 'begin') return; // Nothing is written after all.
    const { columns } = first;
    const batches = registerBatches(connection, columns, strings);
    const names = columns.map((column, index) => `c${index} AS ${identifier(column.name)}`).join(', ');
    await connection.run(
      `COPY (SELECT ${names} FROM batches()) TO ${literal(data.target)} ${stagedParquet(columns.length)}`,
    );
    post({ kind: 'done', rows: batches.rows(), strings });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

main().catch((error: unknown) => {
  post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
});
