// @ts-check
import { spawn } from 'node:child_process';
import { onShutdown } from './shutdown.mjs';

/**
 * Runs npm and waits for it. Inside `npm start` npm tells where it lies; elsewhere it is looked up, and on Windows only a
 * shell finds `npm.cmd`. The arguments are ours alone, never a user's.
 *
 * @param {string[]} args
 * @param {{ cwd: string }} options
 * @returns {Promise<number>} exit code
 */
export function runNpm(args, { cwd }) {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.[cm]?js$/.test(cli)) return run(process.execPath, [cli, ...args], { cwd });
  return run('npm', args, { cwd, shell: process.platform === 'win32' });
}

/**
 * Runs a program with our terminal and waits for it. Asked to end meanwhile, we end it and then ourselves: an installation
 * that goes on by itself would be in the way of the next one.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<number>} exit code; 1 where a signal ended it
 */
export function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    let asked = false;
    const listening = onShutdown((now) => {
      asked = true;
      child.kill(now ? 'SIGKILL' : 'SIGTERM');
    });
    child.once('error', (error) => {
      listening();
      reject(error);
    });
    child.once('close', (code) => {
      listening();
      if (asked) process.exit(1);
      resolve(code ?? 1);
    });
  });
}
