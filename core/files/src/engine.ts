import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { ConnectorError, throwIfAborted, type Operation } from '@kalla/core';
import { watchQuery } from './watch-query.ts';

/** A DuckDB of the connection's own: little memory, spills into its scratch folder, times in UTC. */
export class Engine implements AsyncDisposable {
  readonly #instance: DuckDBInstance;
  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  static async start(scratchDir: string): Promise<Engine> {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: '400MB',
      temp_directory: scratchDir,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    return new Engine(instance);
  }

  /** A connection whose times are in UTC; the caller closes it. */
  async connect(operation: Operation): Promise<DuckDBConnection> {
    throwIfAborted(operation.signal);
    const connection = await this.#instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return connection;
  }

  /** Runs `work` on a fresh connection; an aborted signal interrupts the query within milliseconds and throws `cancelled`. */
  async run<T>(operation: Operation, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.connect(operation);
    const interrupt = () => connection.interrupt();
    operation.signal.addEventListener('abort', interrupt, { once: true });
    try {
      return await work(connection);
    } catch (cause) {
      throwIfAborted(operation.signal);
      throw cause;
    } finally {
      operation.signal.removeEventListener('abort', interrupt);
      connection.closeSync();
    }
  }

  /** The first row of a query, as values by column name. `onShare` is told how much of the query is done, 0 to 1. */
  async row(sql: string, operation: Operation, onShare?: (share: number) => void): Promise<Record<string, unknown>> {
    const [first] = await this.rows(sql, operation, onShare);
    if (!first) throw new ConnectorError('bug', 'A query that has to give one row gave none.');
    return first;
  }

  async rows(sql: string, operation: Operation, onShare?: (share: number) => void): Promise<Record<string, unknown>[]> {
    return this.run(operation, async (connection) => {
      const leave = onShare && (await watchQuery(connection, onShare));
      try {
        return (await connection.runAndReadAll(sql)).getRowObjects();
      } finally {
        leave?.();
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#instance.closeSync();
  }
}
