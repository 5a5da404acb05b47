import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, readdir, rm, access } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A Postgres for the benchmarks. */
export interface BenchPostgres extends AsyncDisposable {
  url: string;
}

/** `psql` or another program of Postgres, from PATH or from where Debian puts it. Throws a sentence where there is none. */
export async function postgresProgram(name: string): Promise<string> {
  const fromPath = (process.env['PATH'] ?? '').split(':').map((folder) => join(folder, name));
  const debian = await readdir('/usr/lib/postgresql').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const newestFirst = debian
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join('/usr/lib/postgresql', version, 'bin', name));
  // The servers' folder comes first: in PATH Debian has a script that looks for the right psql and costs 50 ms.
  for (const path of [...newestFirst, ...fromPath]) {
    if (await isThere(path)) return path;
  }
  throw new Error(`${name} is needed for the Postgres figures. Install PostgreSQL, or put its programs into PATH.`);
}

/**
 * The server named by KALLA_BENCH_POSTGRES_URL or KALLA_TEST_POSTGRES_URL, else one of our own on a free port of the
 * loopback interface, which ends with the benchmarks and leaves nothing behind.
 */
export async function openPostgres(): Promise<BenchPostgres> {
  const given = process.env['KALLA_BENCH_POSTGRES_URL'] || process.env['KALLA_TEST_POSTGRES_URL'];
  if (given) return { url: given, async [Symbol.asyncDispose]() {} };

  const [initdb, pgCtl] = [await postgresProgram('initdb'), await postgresProgram('pg_ctl')];
  const folder = await mkdtemp(join(tmpdir(), 'kalla-bench-postgres-'));
  const isRoot = process.getuid?.() === 0;
  // Postgres refuses to run as root.
  const asUser = (program: string, args: string[]) =>
    isRoot
      ? run('runuser', ['-u', 'postgres', '--', program, ...args], { cwd: folder })
      : run(program, args, { cwd: folder });
  try {
    if (isRoot) {
      const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
      await chown(folder, await id('-u'), await id('-g'));
    }
    await chmod(folder, 0o700);
    const data = join(folder, 'data');
    await asUser(initdb, ['-D', data, '-U', 'kalla', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync']);
    const port = await freePort();
    const settings = [`-p ${port}`, '-c listen_addresses=127.0.0.1', `-c unix_socket_directories=${folder}`];
    // For seeding only; nothing of it changes how fast a table is read.
    settings.push(
      '-c fsync=off',
      '-c max_wal_size=8GB',
      '-c wal_level=minimal',
      '-c max_wal_senders=0',
      '-c shared_buffers=512MB',
    );
    await asUser(pgCtl, ['-D', data, '-w', '-t', '60', '-l', join(folder, 'log'), '-o', settings.join(' '), 'start']);
    return {
      url: `postgres://kalla@127.0.0.1:${port}/postgres?sslmode=disable`,
      async [Symbol.asyncDispose]() {
        await asUser(pgCtl, ['-D', data, '-m', 'immediate', '-w', 'stop']);
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A port of the loopback interface that nobody listens on at present. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') return false;
    throw error;
  }
}
