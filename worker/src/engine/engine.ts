import { mkdir } from 'node:fs/promises';
import { DuckDBInstance, type DuckDBConnection, type DuckDBPreparedStatement, type Json } from '@duckdb/node-api';
import { quoteLiteral } from '@kalla/core';
import { EngineTimeout } from './engine-error.ts';

export interface EngineOptions {
  /** DuckDB's own limit in bytes; the process needs some 150 MB besides. */
  memoryBytes: number;
  threads: number;
  /** Folder for spilled data, made when absent. Without one the engine may not spill. */
  tempDir?: string;
  /** Further settings, `{ preserve_insertion_order: 'false' }`. */
  settings?: Record<string, string>;
}

export interface RunOptions {
  signal?: AbortSignal;
  /** Milliseconds since the epoch at which the statement is stopped with `EngineTimeout`. */
  deadline?: { at: number; seconds: number };
  /** Called about four times a second with the engine's own estimate, 0 to 1, or null where it has none. */
  onProgress?(fraction: number | null): void;
}

/** DuckDB reports progress in percent and -1 before it knows; a query that runs this often is asked. */
const POLL_MS = 250;
/** An interrupt that comes between two statements is lost, so it is repeated until the statement has ended. */
const INTERRUPT_MS = 20;

/**
 * One DuckDB instance of our own, without extensions from outside, in UTC, that can be stopped and asked for progress.
 *
 * @example
 * await using engine = await Engine.open({ memoryBytes: 1e9, threads: 2 });
 * const [[count]] = await engine.rows('SELECT count(*)::VARCHAR FROM range(5)');
 */
export class Engine implements AsyncDisposable {
  private readonly running = new Set<Promise<unknown>>();
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly instance: DuckDBInstance,
    readonly connection: DuckDBConnection,
    private readonly settings: Readonly<Record<string, string>>,
    /** The engine whose instance this one shares; whoever opened an instance frees it. */
    private readonly owner?: Engine,
  ) {}

  static async open(options: EngineOptions): Promise<Engine> {
    if (options.tempDir) await mkdir(options.tempDir, { recursive: true });
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${Math.max(1, Math.floor(options.memoryBytes / 2 ** 20))}MiB`,
      threads: String(options.threads),
      temp_directory: options.tempDir ?? '',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    return new Engine(instance, await instance.connect(), {
      TimeZone: 'UTC',
      enable_progress_bar: 'true',
      enable_progress_bar_print: 'false',
      ...options.settings,
    }).set();
  }

  /**
   * Another connection to the same instance, for statements that run at the same time. It sees the same tables but for the
   * temporary ones. To be opened before `lock` and closed before this one.
   */
  async beside(): Promise<Engine> {
    return new Engine(this.instance, await this.instance.connect(), this.settings, this).set();
  }

  private async set(): Promise<this> {
    try {
      for (const [name, value] of Object.entries(this.settings)) {
        if (!/^[A-Za-z_]+$/.test(name)) throw new TypeError(`Not the name of a setting: ${name}`);
        await this.run(`SET ${name} = ${quoteLiteral(value)}`);
      }
    } catch (error) {
      await this.close();
      throw error;
    }
    return this;
  }

  /** Forbids every file but `paths` and every later change of a setting. There is no way back. */
  async lock(paths: readonly string[]): Promise<void> {
    await this.run(`SET allowed_paths = [${paths.map(quoteLiteral).join(', ')}]`);
    await this.run('SET enable_external_access = false');
    await this.run('SET lock_configuration = true');
  }

  /** Runs one statement. Returns the number of rows written where it is a COPY, else 0. */
  async run(sql: string, options: RunOptions = {}): Promise<number> {
    const result = await this.watched(options, async () => {
      const reader = await this.connection.runAndReadAll(sql);
      return reader.getRows();
    });
    const first = result[0]?.[0];
    return typeof first === 'bigint' ? Number(first) : 0;
  }

  /** Runs one statement and returns its rows; 64-bit integers, decimals, dates and the like come as text. */
  async rows(sql: string, options: RunOptions & { values?: string[] } = {}): Promise<Json[][]> {
    return this.watched(options, async () => {
      const reader = await this.connection.runAndReadAll(sql, options.values);
      return reader.getRowsJson();
    });
  }

  /** Binds and plans a statement without running it. The caller destroys it. */
  async prepare(sql: string, options: RunOptions = {}): Promise<DuckDBPreparedStatement> {
    return this.watched(options, () => this.connection.prepare(sql));
  }

  private async watched<T>(options: RunOptions, work: () => Promise<T>): Promise<T> {
    const { signal, deadline, onProgress } = options;
    signal?.throwIfAborted();
    if (this.closing) throw new Error('The engine is closed.');
    const timers: NodeJS.Timeout[] = [];
    let timedOut = false;
    const interrupt = () => {
      this.connection.interrupt();
      timers.push(setInterval(() => this.connection.interrupt(), INTERRUPT_MS));
    };
    const expire = () => {
      timedOut = true;
      interrupt();
    };
    signal?.addEventListener('abort', interrupt, { once: true });
    if (deadline) timers.push(setTimeout(expire, Math.max(0, deadline.at - Date.now())));
    if (onProgress) {
      const poll = () => {
        const { percentage } = this.connection.progress;
        onProgress(percentage >= 0 ? Math.min(1, percentage / 100) : null);
      };
      timers.push(setInterval(poll, POLL_MS));
    }
    const statement = work();
    this.running.add(statement);
    try {
      return await statement;
    } catch (error) {
      if (timedOut) throw new EngineTimeout(deadline!.seconds);
      throw error;
    } finally {
      this.running.delete(statement);
      signal?.removeEventListener('abort', interrupt);
      for (const timer of timers) clearInterval(timer);
    }
  }

  /**
   * Stops what still runs, waits for its end, then frees the instance. Freed under a statement (one of a `Promise.all`
   * whose other half failed), DuckDB would go on in memory that is no longer its own and take the process with it.
   */
  close(): Promise<void> {
    this.closing ??= this.closeIdle();
    return this.closing;
  }

  private async closeIdle(): Promise<void> {
    if (this.running.size > 0) {
      const timer = setInterval(() => this.connection.interrupt(), INTERRUPT_MS);
      this.connection.interrupt();
      await Promise.allSettled(this.running);
      clearInterval(timer);
    }
    this.connection.closeSync();
    if (!this.owner) this.instance.closeSync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
