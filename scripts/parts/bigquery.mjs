/**
 * A BigQuery to test against: local-bigquery on 127.0.0.1, which speaks BigQuery's REST interface and its Storage Read API over
 * real data, with its data in a temporary folder, gone after `stop()`. It asks nobody to sign in; what else it lacks is said in
 * the tests of the connector.
 *
 * It is a Python program. `node scripts/parts/bigquery.mjs install` makes it an environment of its own beside this file, of
 * exact versions; Python 3.13 or later is looked for on PATH and where pyenv has it, or named by `KALLA_TEST_PYTHON`.
 *
 * From a shell: `node scripts/parts/bigquery.mjs start [--port N] [--grpc-port N]` prints the addresses and stays until SIGTERM
 * or Ctrl-C.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { answers, freePort, stayUntilEnded } from './server.mjs';

const FOLDER = join(import.meta.dirname, 'bigquery');
const ENVIRONMENT = join(FOLDER, 'build', 'venv');
const PYTHON = join(ENVIRONMENT, 'bin', 'python');
const LAUNCH = join(FOLDER, 'launch.py');
/** Written last, so that an installation that broke off is none. */
const COMPLETE = join(ENVIRONMENT, '.duckdb');
const START_MS = 90_000;
const STOP_MS = 5_000;
export const PROJECT = 'kalla-test';

/** Path of the environment's Python, or null where the part is not installed. */
export function findBigQuery() {
  return existsSync(PYTHON) && existsSync(COMPLETE) ? PYTHON : null;
}

/**
 * Starts it and waits until it answers. Throws where it is not installed or does not start within 90 s.
 *
 * @param {{ port?: number, grpcPort?: number }} [options] free ones where absent
 * @returns {Promise<{ url: string, grpc: string, project: string, stop(): Promise<void> }>} `url` has no slash at its end,
 *   `grpc` is host and port
 */
export async function startBigQuery({ port, grpcPort } = {}) {
  const python = findBigQuery();
  if (!python) throw new Error('local-bigquery is not installed. Run: node scripts/parts/bigquery.mjs install');
  const home = await mkdtemp(join(tmpdir(), 'kalla-bigquery-'));
  try {
    const rest = port ?? (await freePort());
    const storage = grpcPort ?? (await freePort());
    const args = ['serve', '--host', '127.0.0.1', '--port', rest, '--grpc-port', storage, '--project', PROJECT];
    const child = spawn(
      python,
      [LAUNCH, ...args.map(String), '--dataset', 'scratch', '--data-dir', join(home, 'data')],
      {
        cwd: home,
        env: environment(),
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
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
    const url = `http://127.0.0.1:${rest}`;
    const probe = `${url}/bigquery/v2/projects/${PROJECT}/datasets`;
    for (const deadline = Date.now() + START_MS; !(await answers(probe, 20_000)); await sleep(200)) {
      if (child.exitCode === null && Date.now() < deadline) continue;
      await stop();
      throw new Error(`local-bigquery did not start:\n${said}`);
    }
    child.unref();
    return { url, grpc: `127.0.0.1:${storage}`, project: PROJECT, stop };
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

/** DuckDB keeps its extensions under HOME; the environment is a home of its own, so that nobody's is changed. */
function environment() {
  const { BIGQUERY_EMULATOR_HOST: _host, ...rest } = process.env;
  return { ...rest, HOME: ENVIRONMENT };
}

/** The first Python that is new enough; null where there is none. */
function findPython() {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const versions = existsSync(pyenv) ? readdirSync(pyenv).filter((name) => /^3\.1[3-9]/.test(name)) : [];
  const names = ['python3.13', 'python3.14', 'python3', ...versions.map((name) => join(pyenv, name, 'bin', 'python3'))];
  const candidates = process.env.KALLA_TEST_PYTHON ? [process.env.KALLA_TEST_PYTHON] : names;
  const isNewEnough = (program) => {
    try {
      const test = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 13))';
      execFileSync(program, ['-c', test], { stdio: 'ignore' });
      return true;
    } catch {
      return false; // Not there, too old, or without what makes an environment: the next is tried.
    }
  };
  return candidates.find(isNewEnough) ?? null;
}

function install() {
  if (findBigQuery()) return;
  const python = findPython();
  if (!python) throw new Error('No Python 3.13 or later with venv is here. Name one by KALLA_TEST_PYTHON.');
  const run = (program, args) => execFileSync(program, args, { stdio: 'inherit', env: environment() });
  run(python, ['-m', 'venv', '--clear', ENVIRONMENT]);
  run(PYTHON, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '-r',
    join(FOLDER, 'requirements.txt'),
  ]);
  run(PYTHON, [LAUNCH, 'extensions']);
}

async function main(args) {
  if (args[0] === 'install') return install();
  if (args[0] !== 'start') {
    console.error('Usage: node scripts/parts/bigquery.mjs install | start [--port N] [--grpc-port N]');
    process.exitCode = 2;
    return;
  }
  const number = (name) => (args.includes(name) ? Number(args[args.indexOf(name) + 1]) : undefined);
  const server = await startBigQuery({ port: number('--port'), grpcPort: number('--grpc-port') });
  console.log(`${server.url} ${server.grpc}`);
  stayUntilEnded(server);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));
