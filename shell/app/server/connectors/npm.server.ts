import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ProblemError } from '@kalla/core';
import { services } from '../services.server.ts';
import { watchSize } from './folder-size.server.ts';
import { refuse, sizeInWords, withoutSecrets } from './refuse.server.ts';

/** What npm may take in all, in ms. A package with large dependencies on a slow line takes minutes. */
const DEADLINE_MS = 10 * 60_000;
/** Largest answer of npm on its standard output, in bytes. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Settings of ours that npm has no use for. Its own, and what its configuration refers to, stay. */
const WITHHELD =
  /^(KALLA_|WORKER_|DATABASE_URL$|ANTHROPIC_|AWS_|GCS_|GOOGLE_|NATS_|NODE_OPTIONS$|NODE_ENV$|INIT_CWD$|npm_(lifecycle|package|command|execpath|node_execpath)|npm_config_(local_prefix|prefix|global)$)/i;

export interface NpmCall {
  args: string[];
  /** Names and paths: what comes after `--`, so that none is ever taken for a flag. */
  names?: string[];
  /** Working folder; npm's cache and its log lie in `cache` below `home`. */
  cwd: string;
  /** What npm writes lies below it, and is measured. */
  home: string;
  signal: AbortSignal;
}

/**
 * Runs npm without a shell and without any script of a package, with its own configuration. What it writes is bounded while it is
 * written. Returns its JSON.
 *
 * @throws ProblemError with a sentence for the user; never with what npm's configuration holds
 */
export async function npm({ args, names = [], cwd, home, signal }: NpmCall): Promise<unknown> {
  const cli = npmProgram();
  if (!cli)
    throw refuse('npm is not found on this server, and connectors are installed with it. Install npm, then try again.');
  const { npmRegistry, maxConnectorBytes } = services().env;
  const flags = [
    '--json',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--no-workspaces',
    '--global=false',
    '--loglevel=error',
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=1000',
    '--fetch-timeout=60000',
    `--cache=${join(home, 'cache')}`,
    ...(npmRegistry ? [`--registry=${npmRegistry}`] : []),
  ];
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  // The tarball lies there packed and unpacked, and so do those of its dependencies.
  const size = watchSize(home, 2 * maxConnectorBytes);
  try {
    const output = await runProgram([cli, ...args, ...flags, '--', ...names], {
      cwd,
      signal: AbortSignal.any([signal, deadline, size.signal]),
    });
    return parse(output);
  } catch (error) {
    if (signal.aborted)
      throw new ProblemError('cancelled', 'The installation was cancelled. Nothing was changed.', undefined, error);
    if (size.signal.aborted)
      throw refuse(
        `With what it depends on it is larger than ${sizeInWords(maxConnectorBytes)}, the most that this Kalla installs (KALLA_MAX_CONNECTOR_BYTES). The download was stopped.`,
      );
    if (deadline.aborted)
      throw refuse(`npm took longer than ${DEADLINE_MS / 60_000} minutes and was stopped. Try again later.`);
    throw npmProblem(error as ProgramError);
  } finally {
    size.stop();
  }
}

/** The registry that `npm` asks, for messages: host and path without anything secret. Null: the one of npm's configuration. */
export function registryInWords(): string {
  const { npmRegistry } = services().env;
  return npmRegistry ? `The registry ${new URL(npmRegistry).host}` : 'The registry';
}

/** Path of npm's JavaScript: running it with our own node needs no shell, on Windows neither. */
export function npmProgram(env: NodeJS.ProcessEnv = process.env): string | null {
  const told = env.npm_execpath;
  if (told && /npm-cli\.[cm]?js$/.test(told) && existsSync(told)) return told;
  const bin = dirname(realpathSync(process.execPath));
  const beside = [join(bin, '..', 'lib'), bin].map((folder) =>
    join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  );
  const onPath = (env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => [join(folder, 'npm'), join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js')])
    .filter((file) => existsSync(file))
    .map((file) => realpathSync(file));
  return [...beside, ...onPath].find((file) => /npm-cli\.[cm]?js$/.test(file) && existsSync(file)) ?? null;
}

interface ProgramError extends Error {
  stdout?: string;
  code?: unknown;
}

function runProgram(args: string[], { cwd, signal }: { cwd: string; signal: AbortSignal }): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !WITHHELD.test(name)));
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      args,
      { cwd, env, signal, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT, windowsHide: true },
      (error, stdout) => {
        if (!error) return resolve(stdout);
        const fail = () => reject(Object.assign(error, { stdout }));
        // A process that was told to end may still write into a folder that is about to be removed.
        if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) fail();
        else child.once('exit', fail);
      },
    );
  });
}

function parse(output: string): unknown {
  try {
    return output.trim() === '' ? null : JSON.parse(output);
  } catch (cause) {
    throw new ProblemError('internal', 'npm answered with something that is not JSON.', undefined, cause);
  }
}

/** npm's codes in words. What npm itself says is shown only where the code is none of these, and without secrets. */
function npmProblem(error: ProgramError): ProblemError {
  let told: { code?: string; summary?: string } = {};
  try {
    told = (JSON.parse(error.stdout ?? '') as { error?: typeof told }).error ?? {};
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  const code = told.code ?? '';
  const summary =
    withoutSecrets(told.summary ?? '')
      .split('\n')[0]
      ?.slice(0, 200) ?? '';
  const log = new Error(`npm: ${code} ${summary}`);
  const registry = registryInWords();
  if (/^E(404|TARGET|NOVERSIONS)$/.test(code)) {
    const name = /(?:GET \S+\/)([^/\s]+(?:%2f[^/\s]+)?) |for (\S+@\S+)/i.exec(summary)?.slice(1).find(Boolean);
    const what = name ? ` (${decodeURIComponent(name)})` : '';
    return refuse(`${registry} does not have the package, or not in that version${what}.`, log);
  }
  if (/^E(401|403|NEEDAUTH)$/.test(code))
    return refuse(
      `${registry} asks for a sign-in, or does not allow this. Put its token into npm's configuration on the server (.npmrc).`,
      log,
    );
  if (
    /^E(CONNREFUSED|NOTFOUND|AI_AGAIN|TIMEDOUT|CONNRESET|SOCKETTIMEOUT|HOSTUNREACH|NETUNREACH|PROTO)$|^ERR_SOCKET|CERT|^DEPTH_ZERO|UNABLE_TO_VERIFY/.test(
      code,
    )
  )
    return refuse(
      `${registry} cannot be reached (${code}). Look at npm's configuration and at the network of the server, then try again.`,
      log,
    );
  if (/^E(429|5\d\d)$/.test(code))
    return refuse(`${registry} does not answer as it should (${code.slice(1)}). Try again later.`, log);
  if (code === 'EINTEGRITY')
    return refuse(
      'What was downloaded is not what the registry says it is (its checksum differs). It was thrown away.',
      log,
    );
  if (code === 'ERESOLVE')
    return refuse(
      'What it depends on does not fit together, or does not fit to what Kalla brings along (@kalla/core, zod, apache-arrow).',
      log,
    );
  if (code === 'ENOSPC')
    return new ProblemError(
      'disk-full',
      'The disk of this server is full. Free space, then try again.',
      undefined,
      log,
    );
  if (code === 'EBADPLATFORM')
    return refuse('It, or something that it depends on, does not run on this kind of machine.', log);
  return refuse(
    `npm could not get it${code ? ` (${code})` : ''}${summary ? `: ${summary.replace(/[.]?$/, '.')}` : '.'}`,
    log,
  );
}
