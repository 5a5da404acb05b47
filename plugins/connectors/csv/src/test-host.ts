import { mkdtemp, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connection, ConnectorHost } from '@kalla/core';
import type { CsvConfig } from './config.ts';
import plugin from './index.ts';

/** For tests: a real folder on disk, and a host that reads `file://` and plain paths. */
export class TestHost implements AsyncDisposable {
  readonly #open: Connection[] = [];
  readonly folder: string;
  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<TestHost> {
    return new TestHost(await mkdtemp(join(tmpdir(), 'kalla-csv-')));
  }

  async host(): Promise<ConnectorHost> {
    const scratchDir = await mkdtemp(join(this.folder, 'scratch-'));
    return {
      scratchDir,
      log: { debug: () => undefined, warn: () => undefined },
      localFile: async (uri) => {
        const path = uri.startsWith('file:') ? fileURLToPath(uri) : uri;
        return { path, name: basename(path), bytes: (await stat(path)).size };
      },
    };
  }

  /** Writes a file and opens a connection to it. */
  async file(
    content: string | Buffer,
    settings: Omit<Partial<CsvConfig>, 'uri'> & { name?: string } = {},
  ): Promise<Connection> {
    const { name = 'bank.csv', ...config } = settings;
    const folder = await mkdtemp(join(this.folder, 'file-'));
    await mkdir(folder, { recursive: true });
    const path = join(folder, name);
    await writeFile(path, content);
    return this.connect({ uri: path, ...config });
  }

  async connect(config: CsvConfig): Promise<Connection> {
    const connection = await plugin.open(plugin.config.parse(config), await this.host());
    this.#open.push(connection);
    return connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#open) await connection[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** An operation that nobody aborts. */
export const quiet = { signal: new AbortController().signal };
