import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection, ConnectorPlugin } from '@kalla/core';
import { TestHost } from './test-host.ts';

/**
 * Files of a test and connections to them, for connectors that read files; all of it is gone when it is disposed of.
 *
 * @example
 * await using files = await TestFiles.create(plugin, 'bank.csv');
 * const connection = await files.file('id,amount\n1,2.50\n', { options: { decimal: '.' } });
 */
export class TestFiles<C extends { uri: string }> implements AsyncDisposable {
  readonly #opened: AsyncDisposable[] = [];

  private constructor(
    readonly plugin: ConnectorPlugin<C>,
    /** What a file is called that is given no name. */
    readonly name: string,
    readonly folder: string,
  ) {}

  static async create<C extends { uri: string }>(plugin: ConnectorPlugin<C>, name: string): Promise<TestFiles<C>> {
    return new TestFiles(plugin, name, await mkdtemp(join(tmpdir(), 'kalla-files-')));
  }

  /** A host of its own, with an empty scratch folder. */
  async host(): Promise<TestHost> {
    const host = await TestHost.create();
    this.#opened.push(host);
    return host;
  }

  /** Writes a file and opens a connection to it. */
  async file(
    content: string | Uint8Array,
    settings?: Omit<Partial<C>, 'uri'> & { name?: string },
  ): Promise<Connection> {
    const { name = this.name, ...config }: { name?: string } = settings ?? {};
    const uri = join(await mkdtemp(join(this.folder, 'file-')), name);
    await writeFile(uri, content);
    return await this.connect({ uri, ...config } as unknown as C);
  }

  /** Opens a connection with the settings as a user gives them. */
  async connect(config: C): Promise<Connection> {
    const connection = await this.plugin.open(this.plugin.config.parse(config), await this.host());
    this.#opened.push(connection);
    return connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Connections before their hosts.
    for (const opened of this.#opened.reverse()) await opened[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
