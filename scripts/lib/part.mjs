// @ts-check
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ROOT } from './paths.mjs';
import { UserError, codeOf } from './user-error.mjs';

/** What is left of the 10 s that Ctrl-C may take, for the last means. */
const STOP_MS = 8_000;
/** A part that ends this often within `CRASH_WINDOW_MS` is not started again. */
const MAX_CRASHES = 5;
const CRASH_WINDOW_MS = 60_000;
const END_WITH_PARENT = pathToFileURL(join(ROOT, 'scripts', 'lib', 'end-with-parent.mjs')).href;

/**
 * @typedef {object} PartOptions
 * @property {string} name what a person calls it: `worker`, `shell`
 * @property {string[]} args of node, from the entry file on
 * @property {NodeJS.ProcessEnv} env
 * @property {string | null} logFile null: our own terminal
 * @property {string} healthUrl answers 2xx once the part is ready
 * @property {string} [cwd]
 * @property {number} [readyMs] how long a start may take; 60,000 where absent
 * @property {(error: UserError) => void} onGiveUp called when it keeps ending after it was ready once
 */

/**
 * A process of Kalla that is kept running: started again when it ends by itself, stopped with all it started in turn.
 * It is told to stop by closing its channel (see `end-with-parent.mjs`), which also happens when we are killed.
 */
export class Part {
  /** @type {import('node:child_process').ChildProcess | null} */
  #child = null;
  /** @type {Promise<void>} */
  #ended = Promise.resolve();
  #stopping = false;
  /** @type {number[]} */
  #crashes = [];

  /** @param {PartOptions} options */
  constructor(options) {
    this.options = options;
  }

  get pid() {
    return this.#child?.pid;
  }

  /** Starts it and waits until it is ready. Throws a sentence with the end of its log where it is not. */
  async start() {
    this.#spawn();
    await this.#ready();
  }

  /** Ends it and everything it started, within `STOP_MS`. */
  async stop() {
    this.#stopping = true;
    const child = this.#child;
    if (!child) return;
    if (child.connected) child.disconnect();
    await Promise.race([this.#ended, sleep(STOP_MS, undefined, { ref: false })]);
    killTree(child);
    for (const deadline = Date.now() + 1_000; groupIsThere(child) && Date.now() < deadline;) await sleep(10);
  }

  /** Stops it and starts it again, with what was built since. */
  async restart() {
    await this.stop();
    this.#stopping = false;
    await this.start();
  }

  /** Ends it at once. */
  kill() {
    this.#stopping = true;
    if (this.#child) killTree(this.#child);
  }

  #spawn() {
    const { args, env, logFile, cwd = ROOT } = this.options;
    const log = logFile === null ? 'inherit' : openLog(logFile);
    const child = spawn(process.execPath, ['--import', END_WITH_PARENT, ...args], {
      cwd,
      env,
      // A process group of its own: Ctrl-C reaches only us, and we end it in order; and what it leaves can be ended too.
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', log, log, 'ipc'],
    });
    if (typeof log === 'number') closeSync(log);
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => resolve());
    });
    void this.#ended.then(() => {
      killTree(child); // Its own children, where it had no time to end them.
      if (this.#child === child) this.#child = null;
    });
  }

  async #ready() {
    const { name, healthUrl, readyMs = 60_000 } = this.options;
    const child = this.#child;
    const deadline = Date.now() + readyMs;
    while (this.#child === child && Date.now() < deadline) {
      if (await answers(healthUrl)) {
        void this.#ended.then(() => this.#restart());
        return;
      }
      await Promise.race([this.#ended, sleep(100)]);
      if (this.#stopping) return;
    }
    const what = this.#child === child ? `did not get ready within ${readyMs / 1000} s` : 'ended right after its start';
    if (child) killTree(child);
    throw new UserError(`The ${name} ${what}.${this.#logTail()}`);
  }

  async #restart() {
    if (this.#stopping) return;
    const now = Date.now();
    this.#crashes = [...this.#crashes.filter((time) => now - time < CRASH_WINDOW_MS), now];
    if (this.#crashes.length < MAX_CRASHES) {
      console.error(`The ${this.options.name} ended by itself; it is started again.`);
      await sleep(200 * this.#crashes.length);
      if (this.#stopping) return;
      try {
        await this.start();
        return;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        if (!this.#stopping) this.options.onGiveUp(error);
        return;
      }
    }
    this.options.onGiveUp(new UserError(`The ${this.options.name} keeps ending by itself.${this.#logTail()}`));
  }

  #logTail() {
    const { logFile } = this.options;
    if (logFile === null || !existsSync(logFile)) return '';
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20);
    return ` The end of its log (${logFile}):\n${lines.join('\n')}`;
  }
}

/** Opens a log for appending. @param {string} file */
function openLog(file) {
  mkdirSync(dirname(file), { recursive: true });
  return openSync(file, 'a');
}

/** Puts the log of the last start aside as `NAME.1`, so that logs never grow without end. @param {string} file */
export function rotateLog(file) {
  if (existsSync(file)) renameSync(file, `${file}.1`);
}

/** @param {string} url */
async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch (error) {
    // Not listening yet, or too busy with its start: the caller asks again until its deadline.
    if (error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError')) return false;
    throw error;
  }
}

/** True while a process of the group has not ended. @param {import('node:child_process').ChildProcess} child */
function groupIsThere(child) {
  if (child.pid === undefined) return false;
  if (process.platform === 'win32') return child.exitCode === null && child.signalCode === null;
  try {
    process.kill(-child.pid, 0);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
    return false;
  }
}

/** Ends a process and what is left of its group. @param {import('node:child_process').ChildProcess} child */
function killTree(child) {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    if (child.exitCode === null) spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: nothing is left. EPERM: macOS says so for a group of zombies.
    const code = codeOf(error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
