import { availableParallelism, totalmem } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { stagingPath, type StoreEnv } from '@kalla/object-store';
import { z } from 'zod';

const GIB = 1024 ** 3;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

const flag = z
  .enum(['0', '1'])
  .default('0')
  .transform((value) => value === '1');
const whole = (least: number) => z.coerce.number().int().min(least);
/** `2GB`, `512MiB` or a number of bytes. */
const bytes = z.string().transform((text, context) => {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(|[kmgt])(i?)b?\s*$/i.exec(text);
  if (!match) {
    context.addIssue({ code: 'custom', message: 'is not a size: write for example 2GB, 512MiB or a number of bytes' });
    return z.NEVER;
  }
  const unit = (match[3] ? 1024 : 1000) ** ['', 'k', 'm', 'g', 't'].indexOf(match[2]!.toLowerCase());
  return Math.floor(Number(match[1]) * unit);
});

const schema = z.object({
  WORKER_PORT: whole(0).max(65_535).default(9090),
  WORKER_HOST: z.string().default('127.0.0.1'),
  WORKER_TOKEN: z.string().min(16, 'needs at least 16 characters').optional(),
  KALLA_DATA_DIR: z.string().default('./.kalla'),
  KALLA_MAX_RUNS: whole(1)
    .max(256)
    .default(Math.max(1, availableParallelism() - 1)),
  KALLA_FILE_ROOTS: z.string().default(''),
  KALLA_ALLOW_PRIVATE_URLS: flag,
  KALLA_MEMORY_LIMIT: bytes.optional(),
  KALLA_MATCH_SECONDS: z.coerce.number().positive().default(3600),
  KALLA_PLUGINS_DIR: z.string().optional(),
  KALLA_MAX_FILE_BYTES: bytes.default(20 * GIB),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

/** The worker's settings, parsed once. Paths are absolute, sizes are bytes. */
export interface WorkerEnv {
  port: number;
  host: string;
  token: string | undefined;
  dataDir: string;
  stagingPath: string;
  maxRuns: number;
  fileRoots: string[];
  allowPrivateUrls: boolean;
  /** DuckDB memory of one run. */
  memoryBytes: number;
  /** Wall-clock seconds of one match. */
  matchSeconds: number;
  /** Threads of one run's engine. */
  threads: number;
  pluginsDir: string | undefined;
  maxFileBytes: number;
  logLevel: string;
}

/** A setting that cannot be used; the message is for the operator. */
export class EnvError extends Error {
  override readonly name = 'EnvError';
}

/**
 * Reads the settings. Throws `EnvError` with one sentence for each setting that is wrong.
 *
 * @example
 * const env = parseEnv(process.env);
 */
export function parseEnv(variables: StoreEnv): WorkerEnv {
  if (variables.NATS_URL) {
    throw new EnvError(
      'NATS_URL asks for the scaled mode, which is not in this version. Unset it; jobs come in over HTTP.',
    );
  }
  // An empty variable means "not set": compose files and shells write it so.
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(set);
  if (!parsed.success) {
    throw new EnvError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}.`).join(' '));
  }
  const values = parsed.data;
  if (!LOOPBACK.has(values.WORKER_HOST) && !values.WORKER_TOKEN) {
    throw new EnvError(
      `WORKER_HOST=${values.WORKER_HOST} opens the worker to other machines. Set WORKER_TOKEN (16 characters or more) as well, or leave WORKER_HOST at 127.0.0.1.`,
    );
  }
  const fileRoots = values.KALLA_FILE_ROOTS.split(delimiter).filter(Boolean);
  for (const root of fileRoots) {
    if (!isAbsolute(root)) throw new EnvError(`KALLA_FILE_ROOTS: "${root}" is not an absolute path.`);
  }
  return {
    port: values.WORKER_PORT,
    host: values.WORKER_HOST,
    token: values.WORKER_TOKEN,
    dataDir: resolve(values.KALLA_DATA_DIR),
    stagingPath: join(stagingPath(set), 'worker'),
    maxRuns: values.KALLA_MAX_RUNS,
    fileRoots,
    allowPrivateUrls: values.KALLA_ALLOW_PRIVATE_URLS,
    memoryBytes: values.KALLA_MEMORY_LIMIT ?? defaultMemory(values.KALLA_MAX_RUNS),
    matchSeconds: values.KALLA_MATCH_SECONDS,
    threads: Math.max(1, Math.floor(availableParallelism() / values.KALLA_MAX_RUNS)),
    pluginsDir: values.KALLA_PLUGINS_DIR && resolve(values.KALLA_PLUGINS_DIR),
    maxFileBytes: values.KALLA_MAX_FILE_BYTES,
    logLevel: values.LOG_LEVEL,
  };
}

/** Half of the machine shared by the runs that may go at once, 256 MiB to 2 GiB each. */
function defaultMemory(runs: number): number {
  return Math.round(Math.min(2 * GIB, Math.max(GIB / 4, totalmem() / 2 / runs)));
}
