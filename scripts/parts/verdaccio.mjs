/**
 * A real npm registry for tests and for trying things out: verdaccio on 127.0.0.1, with a storage of its own in a temporary
 * folder, gone after `stop()`. It knows no other registry, so nothing but what was published to it can be installed from it.
 * Anyone may read; publishing takes a user, who is made by `PUT /-/user/org.couchdb.user:NAME`; `@private/*` is read by users only.
 *
 * Verdaccio is not among Kalla's own packages: three hundred more would be in the way of everyone who only wants to start it.
 * `node scripts/parts/verdaccio.mjs install` installs it beside this file, by a lock file of its own.
 *
 * From a shell: `node scripts/parts/verdaccio.mjs start [--port N] [--ours]` prints the address and stays until SIGTERM or Ctrl-C.
 * With `--ours` it holds what the author of a connector needs of this repository, for as long as that is on no other registry.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { runNpm } from '../lib/npm.mjs';
import { answers, freePort, stayUntilEnded } from './server.mjs';

const FOLDER = join(import.meta.dirname, 'verdaccio');
const PROGRAM = join(FOLDER, 'node_modules', 'verdaccio', 'bin', 'verdaccio');
const ROOT = resolve(import.meta.dirname, '../..');
const START_MS = 60_000;
const STOP_MS = 5_000;

/** What the author of a connector needs of this repository, by folder. */
export const OURS = ['core/contracts', 'core/testkit', 'core/ui', 'plugins/create-connector'];

/** Path of verdaccio's program, or null where it is not installed. */
export function findVerdaccio() {
  return existsSync(PROGRAM) ? PROGRAM : null;
}

/**
 * Starts a registry and waits until it answers. Throws where it is not installed or does not start within 60 s.
 *
 * @param {{ port?: number, seed?: (storage: string) => void }} [options] `port`: a free one where absent; `seed` may lay packages
 * into the folder of the storage before the registry starts, as verdaccio keeps them
 * @returns {Promise<{ url: string, port: number, stop(): Promise<void> }>} `url` has no slash at its end
 */
export async function startVerdaccio({ port, seed } = {}) {
  const program = findVerdaccio();
  if (!program) throw new Error('Verdaccio is not installed. Run: node scripts/parts/verdaccio.mjs install');
  const home = await mkdtemp(join(tmpdir(), 'kalla-verdaccio-'));
  try {
    const listens = port ?? (await freePort());
    const address = `127.0.0.1:${listens}`;
    const config = join(home, 'config.yaml');
    await writeFile(config, configOf(home));
    seed?.(join(home, 'storage'));
    const child = spawn(process.execPath, [program, '-c', config, '-l', address], {
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      // Read for its whole life, or it stops when the pipe is full.
      stream.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-4_000)));
      stream.unref?.();
    }
    const gone = new Promise((resolve) => child.once('close', resolve));
    const onExit = () => child.kill('SIGKILL');
    process.once('exit', onExit);
    const stop = async () => {
      child.kill('SIGTERM');
      await Promise.race([gone, sleep(STOP_MS, undefined, { ref: false })]);
      child.kill('SIGKILL');
      await gone;
      process.removeListener('exit', onExit);
      await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    };
    const url = `http://${address}`;
    for (const deadline = Date.now() + START_MS; !(await answers(`${url}/-/ping`, 2_000)); await sleep(100)) {
      if (child.exitCode === null && Date.now() < deadline) continue;
      await stop();
      throw new Error(`Verdaccio did not start:\n${said}`);
    }
    child.unref();
    return { url, port: listens, stop };
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

function configOf(home) {
  return `
storage: ${JSON.stringify(join(home, 'storage'))}
auth:
  htpasswd:
    file: ${JSON.stringify(join(home, 'htpasswd'))}
web:
  enable: false
uplinks: {}
packages:
  '@private/*':
    access: $authenticated
    publish: $authenticated
  '**':
    access: $all
    publish: $authenticated
max_body_size: 50mb
log: { type: stdout, format: json, level: error }
`;
}

/** Publishes `OURS`, as they are built, by a user who is made for it. Throws where one cannot be published. */
async function publishOurs(url) {
  const name = `kalla-${randomBytes(6).toString('hex')}`;
  const made = await fetch(`${url}/-/user/org.couchdb.user:${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password: randomBytes(12).toString('hex') }),
  });
  if (!made.ok) throw new Error(`The registry makes no user: ${made.status} ${await made.text()}`);
  const { token } = await made.json();
  const home = await mkdtemp(join(tmpdir(), 'kalla-publish-'));
  try {
    // In a file and not among the arguments, which everyone on this machine can read.
    const userconfig = join(home, '.npmrc');
    await writeFile(userconfig, `${url.replace(/^https?:/, '')}/:_authToken=${token}\n`, { mode: 0o600 });
    for (const folder of OURS) {
      if (!existsSync(join(ROOT, folder, 'dist')))
        throw new Error(`${folder} is not built yet. Run "npm start" once, or "npm run build".`);
      const options = ['--ignore-scripts', '--access=public', '--loglevel=error'];
      const args = ['publish', `./${folder}`, ...options, `--registry=${url}/`, `--userconfig=${userconfig}`];
      const code = await runNpm(args, { cwd: ROOT });
      if (code !== 0) throw new Error(`${folder} was not published: npm ended with ${code}.`);
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function main(args) {
  if (args[0] === 'install') {
    process.exitCode = await runNpm(['ci', '--no-audit', '--no-fund'], { cwd: FOLDER });
    return;
  }
  if (args[0] !== 'start') {
    console.error('Usage: node scripts/parts/verdaccio.mjs install | start [--port N] [--ours]');
    process.exitCode = 2;
    return;
  }
  const portAt = args.indexOf('--port');
  const registry = await startVerdaccio({ port: portAt > 0 ? Number(args[portAt + 1]) : undefined });
  stayUntilEnded(registry);
  if (args.includes('--ours')) {
    try {
      await publishOurs(registry.url);
    } catch (error) {
      await registry.stop();
      console.error(error.message);
      process.exit(1);
    }
  }
  console.log(registry.url);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));
