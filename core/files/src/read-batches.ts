import { throwIfAborted, type Batch, type Operation, type ReadPlan } from '@kalla/core';
import { ConnectorError } from '@kalla/core';
import type { Engine } from './engine.ts';

const BATCH_ROWS = 65_536;

/** Runs the plan's scan in an own DuckDB and yields Arrow batches, at most 65,536 rows each, in file order. */
export async function* readBatches(engine: Engine, plan: ReadPlan, operation: Operation): AsyncGenerator<Batch> {
  const { scan } = plan;
  if (!scan) throw new ConnectorError('bug', 'The plan of a file has no scan.');
  // Loaded here and not above: Arrow takes a tenth of a second, and a run reads files through their scan, without it.
  const [{ arrowSchemaOf }, { batchOf }] = await Promise.all([
    import('@kalla/core/arrow'),
    import('./arrow-batches.ts'),
  ]);
  const schema = arrowSchemaOf(plan.columns);
  const connection = await engine.connect(operation);
  const interrupt = () => connection.interrupt();
  operation.signal.addEventListener('abort', interrupt, { once: true });
  try {
    const result = await connection.stream(scan.sql);
    let pending: unknown[][] = plan.columns.map(() => []);
    for (;;) {
      const chunk = await result.fetchChunk();
      throwIfAborted(operation.signal);
      const rows = chunk?.rowCount ?? 0;
      if (chunk && rows > 0) {
        chunk.getColumns().forEach((values, index) => {
          const column = pending[index] as unknown[];
          for (const value of values) column.push(value);
        });
      }
      const held = pending[0]?.length ?? 0;
      if (held > 0 && (rows === 0 || held + 2048 > BATCH_ROWS)) {
        yield batchOf(schema, plan.columns, pending);
        pending = plan.columns.map(() => []);
      }
      if (rows === 0) return;
    }
  } catch (error) {
    throwIfAborted(operation.signal);
    throw error;
  } finally {
    operation.signal.removeEventListener('abort', interrupt);
    connection.interrupt();
    connection.closeSync();
  }
}
