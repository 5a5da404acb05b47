/**
 * A real PostgreSQL server for tests, benchmarks and trying things out: a cluster of its own in a temporary folder,
 * on 127.0.0.1 only, gone after `stop()`. It needs an installed server (Debian: `apt-get install postgresql`).
 *
 * @example
 * const server = await startPostgres({ tls: true });
 * // server.url: postgres://postgres:…@127.0.0.1:54321/postgres?sslmode=require
 * await server.stop();
 *
 * From a shell: `node scripts/parts/postgres.mjs start [--tls] [--port N]` prints the URL and stays until SIGTERM or Ctrl-C.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { freePort, stayUntilEnded } from './server.mjs';

const run = promisify(execFile);
const READY = /database system is ready to accept connections/;
const START_MS = 30_000;
const STOP_MS = 8_000;

/** Folder that holds `initdb` and `postgres`: Debian's newest, else what `pg_config` or PATH names; null where there is none. */
export function findPostgres() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const candidates = versions.map((version) => join(debian, version, 'bin'));
  try {
    candidates.push(
      execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(),
    );
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  candidates.push(...(process.env.PATH ?? '').split(delimiter).filter(Boolean));
  return candidates.find((dir) => ['initdb', 'postgres'].every((name) => isExecutable(join(dir, name)))) ?? null;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts a server and waits until it answers. Throws where no server is installed or it does not start within 30 s.
 *
 * @param {{ tls?: boolean, port?: number }} [options] `tls`: also speaks TLS, with a self-signed certificate for
 *   127.0.0.1 and localhost; the URL then says `sslmode=require`. `port`: a free one where absent.
 * @returns {Promise<{ url: string, port: number, dataDir: string, certificate: string | null, stop(): Promise<void> }>}
 *   `certificate` is the server's own as PEM text, for `sslrootcert`.
 */
export async function startPostgres({ tls = false, port } = {}) {
  const bin = findPostgres();
  if (!bin) throw new Error('No PostgreSQL server is installed here. On Debian or Ubuntu: apt-get install postgresql.');
  const owner = serverUser();
  const home = await mkdtemp(join(tmpdir(), 'kalla-postgres-'));
  const dataDir = join(home, 'data');
  const password = randomBytes(12).toString('hex');
  try {
    if (owner) chownSync(home, owner.uid, owner.gid);
    await createCluster({ bin, owner, home, dataDir, password });
    const certificate = tls ? await createCertificate({ owner, home }) : null;
    const server = await startOnFreePort({ bin, owner, home, dataDir, tls, port });
    const url = `postgres://postgres:${password}@127.0.0.1:${server.port}/postgres${tls ? '?sslmode=require' : ''}`;
    return { url, port: server.port, dataDir, certificate, stop: () => server.stop() };
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

/** The server refuses to run as root; Debian's package brings a user for it. Null where we are someone else already. */
function serverUser() {
  if (process.getuid?.() !== 0) return null;
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Program and arguments, run as the server's user. */
function asServerUser(owner, program, args) {
  return owner ? ['runuser', ['-u', 'postgres', '--', program, ...args]] : [program, args];
}

function writeOwned(owner, path, text) {
  writeFileSync(path, text, { mode: 0o600 });
  if (owner) chownSync(path, owner.uid, owner.gid);
}

async function createCluster({ bin, owner, home, dataDir, password }) {
  const passwordFile = join(home, 'password');
  writeOwned(owner, passwordFile, password);
  const args = ['-D', dataDir, '-U', 'postgres', '--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'];
  args.push('--auth=scram-sha-256', `--pwfile=${passwordFile}`);
  await run(...asServerUser(owner, join(bin, 'initdb'), args), { cwd: home });
  rmSync(passwordFile);
}

async function createCertificate({ owner, home }) {
  const key = join(home, 'server.key');
  const certificate = join(home, 'server.crt');
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const args = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    certificate,
    ...subject,
  ];
  await run(...asServerUser(owner, 'openssl', args), { cwd: home });
  return readFileSync(certificate, 'utf8');
}

/** Another program may take the port between our look and the server's start, so a port of our choice is tried thrice. */
async function startOnFreePort(options) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startServer({ ...options, port: options.port ?? (await freePort()) });
    } catch (error) {
      const taken = /could not bind|Address already in use/.test(error.message);
      if (!taken || options.port || attempt === 3) throw error;
    }
  }
}

async function startServer({ bin, owner, home, dataDir, tls, port }) {
  // The data is thrown away, so nothing has to survive a crash: no fsync makes tests several times faster.
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    lc_messages: 'C',
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    max_wal_size: '2GB',
    max_connections: 100,
  };
  if (tls)
    Object.assign(settings, {
      ssl: 'on',
      ssl_cert_file: join(home, 'server.crt'),
      ssl_key_file: join(home, 'server.key'),
    });
  const args = ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const child = spawn(...asServerUser(owner, join(bin, 'postgres'), args), {
    cwd: home,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const gone = new Promise((resolve) => child.once('close', resolve));
  const pid = () => Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
  await ready(child);
  child.unref();
  child.stderr.unref?.();

  const serverPid = pid();
  // The last resort when the program ends without stop(): nothing may be awaited here any more.
  const onExit = () => {
    signal(serverPid, 'SIGQUIT');
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  process.once('exit', onExit);
  let stopping = null;
  const stop = async () => {
    child.ref();
    signal(serverPid, 'SIGINT'); // "fast": sessions are ended, then it shuts down
    const timer = setTimeout(() => signal(serverPid, 'SIGQUIT'), STOP_MS);
    await gone;
    clearTimeout(timer);
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    process.removeListener('exit', onExit);
  };
  return { port, stop: () => (stopping ??= stop()) };
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Resolves when the server says it is ready; rejects with its own words when it ends before, or takes too long. */
function ready(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    let isReady = false;
    const fail = (why) => {
      clearTimeout(timer);
      reject(new Error(`PostgreSQL did not start: ${why}\n${said.trim()}`));
    };
    const timer = setTimeout(() => {
      child.kill();
      fail(`not ready after ${START_MS / 1000} s.`);
    }, START_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => isReady || fail(`it ended with code ${code}.`));
    child.stderr.setEncoding('utf8');
    // Keep reading for the server's whole life, or it stops when the pipe is full; keep the text only until it is up.
    child.stderr.on('data', (text) => {
      if (isReady) return;
      said += text;
      if (!READY.test(said)) return;
      isReady = true;
      clearTimeout(timer);
      resolve();
    });
  });
}

async function main(args) {
  const portAt = args.indexOf('--port');
  if (args[0] !== 'start') {
    console.error('Usage: node scripts/parts/postgres.mjs start [--tls] [--port N]');
    process.exitCode = 2;
    return;
  }
  const server = await startPostgres({
    tls: args.includes('--tls'),
    port: portAt > 0 ? Number(args[portAt + 1]) : undefined,
  });
  console.log(server.url);
  stayUntilEnded(server);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));
