import { execFile } from 'node:child_process';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { version as duckdbVersion } from '@duckdb/node-api';
import { postgresProgram } from './postgres-server.ts';

const run = promisify(execFile);

/** What figures depend on, by name; the order is that of the report. */
export type Environment = Record<string, string>;

/** Describes this machine and what is measured on it. */
export async function readEnvironment(): Promise<Environment> {
  return {
    commit: await readCommit(),
    processor: `${cpus()[0]?.model.trim() || arch()}, ${cpus().length} cores`,
    memory: `${(totalmem() / 1e9).toFixed(1)} GB`,
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    duckdb: duckdbVersion(),
    psql: await firstLine(async () => (await run(await postgresProgram('psql'), ['--version'])).stdout),
    // More than a few tenths: others worked here at the same time, and only the ratios mean something.
    'load at start': (loadavg()[0] ?? 0).toFixed(2),
  };
}

/** Short hash of the commit, with `+changes` where the working tree differs; `unknown` outside of a git clone. */
export async function readCommit(): Promise<string> {
  const git = async (...args: string[]) => (await run('git', ['-C', import.meta.dirname, ...args])).stdout.trim();
  const hash = await firstLine(() => git('rev-parse', '--short', 'HEAD'));
  if (hash === UNKNOWN) return hash;
  // The report itself is written into the tree and must not count as a change.
  const changes = await git('status', '--porcelain', '--', ':/', ':(top,exclude)benchmarks/results');
  return changes ? `${hash}+changes` : hash;
}

const UNKNOWN = 'unknown';

async function firstLine(read: () => Promise<string>): Promise<string> {
  try {
    return (await read()).split('\n')[0]?.trim() || UNKNOWN;
  } catch {
    // The program is not installed, or this is no git clone: the report says so.
    return UNKNOWN;
  }
}
