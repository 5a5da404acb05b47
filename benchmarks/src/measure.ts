import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { TASK } from './build-tasks.ts';
import { CHILD_FLAGS } from './tasks/worker-flags.ts';
import { sampleRss } from './rss-sampler.ts';

/** One measurement. */
export interface Measured {
  /** Milliseconds of the work alone; loading the program is not in it. */
  ms: number;
  /** Highest resident memory of the process tree, in bytes; null where the work is done by somebody else's server. */
  peakBytes: number | null;
  /** What the task said about its result. */
  output: Record<string, unknown>;
}

/** What a task in a process of its own prints as its last line. */
export interface TaskOutput {
  ms: number;
  [key: string]: unknown;
}

const PLUGINS = resolve(import.meta.dirname, '../../plugins/connectors');

/**
 * Runs one task of `tasks/`, built by `buildTasks`, in a fresh Node process and watches the memory of its tree.
 *
 * @throws Error with the end of what the process printed, when it fails or exceeds the time.
 */
export async function measureTask(name: string, input: unknown, timeoutMs: number): Promise<Measured> {
  const { stdout, peakBytes } = await runProcess(
    process.execPath,
    [...CHILD_FLAGS, TASK, name, JSON.stringify(input)],
    {
      timeoutMs,
      what: `The task ${name}`,
      // The worker's own variable; set by hand it measures other builds of the connectors.
      env: { ...process.env, KALLA_PLUGINS_DIR: process.env['KALLA_PLUGINS_DIR'] || PLUGINS },
    },
  );
  const { ms, ...output } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as TaskOutput;
  if (typeof ms !== 'number' || !(ms > 0)) throw new Error(`The task ${name} did not say how long it took.`);
  return { ms, peakBytes, output };
}

/** Runs a program and gives its wall time; for limits that are a program of their own. */
export async function measureProgram(
  program: string,
  args: string[],
  options: { timeoutMs: number; env?: NodeJS.ProcessEnv },
): Promise<Measured> {
  const start = performance.now();
  const { stdout } = await runProcess(program, args, { ...options, what: program });
  return { ms: performance.now() - start, peakBytes: null, output: { stdout } };
}

async function runProcess(
  program: string,
  args: string[],
  options: { timeoutMs: number; what: string; env?: NodeJS.ProcessEnv },
): Promise<{ stdout: string; peakBytes: number }> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: join(import.meta.dirname, '..'),
    env: options.env ?? process.env,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)));
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  if (child.pid === undefined) await closed; // Throws why it could not be started.
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, options.timeoutMs);
  const sampler = sampleRss(child.pid as number);
  try {
    const [code, signal] = await closed;
    if (timedOut) throw new Error(`${options.what} was ended after ${options.timeoutMs / 1000} s.`);
    if (code !== 0) throw new Error(`${options.what} ended with ${code ?? signal}:\n${stderr.trim()}`);
  } finally {
    clearTimeout(timer);
    await sampler.stop();
  }
  return { stdout, peakBytes: await sampler.stop() };
}
