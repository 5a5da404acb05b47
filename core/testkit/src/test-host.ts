import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConnectorError, type Connection, type ConnectorHost, type ConnectorPlugin } from '@kalla/core';

/** A host for tests: a real scratch folder, files of this machine, and a log that can be read. */
export class TestHost implements ConnectorHost, AsyncDisposable {
  /** Every log line as one text. */
  readonly lines: string[] = [];
  /** Set by a test of what a packed file may unpack to. */
  maxFileBytes?: number;
  readonly log = {
    debug: (message: string, fields?: Record<string, unknown>) => this.#write(message, fields),
    warn: (message: string, fields?: Record<string, unknown>) => this.#write(message, fields),
  };

  private constructor(readonly scratchDir: string) {}

  static async create(): Promise<TestHost> {
    return new TestHost(await mkdtemp(join(tmpdir(), 'kalla-testkit-')));
  }

  async localFile(uri: string) {
    const path = uri.startsWith('file:') ? fileURLToPath(uri) : uri;
    try {
      return { path, name: basename(path), bytes: (await stat(path)).size };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new ConnectorError('not-found', `There is no file "${basename(path)}".`, { field: 'uri', cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.scratchDir, { recursive: true, force: true });
  }

  #write(message: string, fields?: Record<string, unknown>): void {
    this.lines.push(`${message} ${fields ? JSON.stringify(fields) : ''}`);
  }
}

/** Opens a connection, uses it, and closes both it and its host, whatever happens. */
export async function withConnection<C, T>(
  plugin: ConnectorPlugin<C>,
  config: C,
  use: (connection: Connection, host: TestHost) => Promise<T>,
): Promise<T> {
  await using host = await TestHost.create();
  await using connection = await plugin.open(plugin.config.parse(config), host);
  return await use(connection, host);
}

/** An operation that nobody aborts. */
export function calm(): { signal: AbortSignal } {
  return { signal: new AbortController().signal };
}
