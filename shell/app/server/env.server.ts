import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';

/** The settings of the shell, parsed once. README.md lists the variables behind them. */
export interface ShellEnv {
  /** Null: 3000, or the next free port. */
  port: number | null;
  host: string;
  /** Names under which browsers may reach this server besides the loopback ones. */
  allowedHosts: string[];
  workerUrl: string;
  workerToken: string | null;
  /** Absolute. */
  dataDir: string;
  databaseUrl: string | null;
  secretKey: Buffer | null;
  sample: boolean;
  maxUploadBytes: number;
  /** Null: the registry of npm's own configuration. */
  npmRegistry: string | null;
  /** Largest connector that is installed, unpacked. */
  maxConnectorBytes: number;
  /** How long the link works with which a source is handed over, in hours. */
  handoverHours: number;
  logLevel: string;
  development: boolean;
  /** The variables as they came, for what other packages read themselves (the object store). */
  raw: Readonly<Record<string, string | undefined>>;
}

/** Settings that cannot be used; the message has one sentence a line. */
export class EnvError extends Error {
  override readonly name = 'EnvError';
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const given = (schema: z.ZodType<string>) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const variables = z.object({
  PORT: given(z.string().regex(/^\d{1,5}$/, 'PORT is a number from 0 to 65535.')),
  HOST: given(z.string()),
  KALLA_ALLOWED_HOSTS: given(z.string()),
  WORKER_URL: given(z.string().regex(/^https?:\/\/[^\s]+$/, 'WORKER_URL is an address such as http://127.0.0.1:9090.')),
  WORKER_TOKEN: given(z.string()),
  KALLA_DATA_DIR: given(z.string()),
  DATABASE_URL: given(
    z.string().regex(/^postgres(ql)?:\/\//, 'DATABASE_URL begins with postgres:// or postgresql://.'),
  ),
  KALLA_SECRET_KEY: given(
    z.string().regex(/^[0-9a-f]{64}$/i, 'KALLA_SECRET_KEY is 32 bytes as 64 hexadecimal digits.'),
  ),
  KALLA_SAMPLE: given(z.string().regex(/^[01]$/, 'KALLA_SAMPLE is 0 or 1.')),
  KALLA_MAX_UPLOAD_BYTES: given(
    z.string().regex(/^[1-9]\d{0,14}$/, 'KALLA_MAX_UPLOAD_BYTES is a whole number of bytes.'),
  ),
  KALLA_NPM_REGISTRY: given(
    z
      .string()
      .regex(
        /^https?:\/\/[^\s@?#]+$/,
        "KALLA_NPM_REGISTRY is the address of an npm registry, such as https://npm.example.com. A token belongs into npm's own configuration (.npmrc).",
      ),
  ),
  KALLA_MAX_CONNECTOR_BYTES: given(
    z.string().regex(/^[1-9]\d{0,14}$/, 'KALLA_MAX_CONNECTOR_BYTES is a whole number of bytes.'),
  ),
  KALLA_HANDOVER_HOURS: given(
    z
      .string()
      .regex(/^([1-9]\d?|[1-6]\d\d|7[01]\d|720)$/, 'KALLA_HANDOVER_HOURS is a whole number of hours from 1 to 720.'),
  ),
  KALLA_LOG_LEVEL: given(
    z
      .string()
      .regex(
        /^(trace|debug|info|warn|error|fatal|silent)$/,
        'KALLA_LOG_LEVEL is one of trace, debug, info, warn, error, fatal, silent.',
      ),
  ),
  NATS_URL: given(z.string()),
  AWS_ENDPOINT_URL: given(z.string()),
  S3_BUCKET: given(z.string()),
  GCS_BUCKET: given(z.string()),
});

/**
 * Reads the environment. Throws `EnvError` with a sentence for each variable that cannot be used.
 *
 * @example
 * parseEnv({ PORT: '8080' }).port === 8080
 */
export function parseEnv(raw: Readonly<Record<string, string | undefined>>, development = false): ShellEnv {
  const result = variables.safeParse(raw);
  if (!result.success) throw new EnvError(result.error.issues.map((issue) => issue.message).join('\n'));
  const set = result.data;
  const faults: string[] = [];
  for (const name of ['NATS_URL', 'AWS_ENDPOINT_URL', 'S3_BUCKET', 'GCS_BUCKET'] as const) {
    if (set[name]) {
      faults.push(
        `${name} is set, which asks for the scaled mode. This version of Kalla runs on one machine only; the scaled mode comes later. Unset ${name}.`,
      );
    }
  }
  const port = set.PORT === undefined ? null : Number(set.PORT);
  if (port !== null && port > 65535) faults.push('PORT is a number from 0 to 65535.');
  const host = set.HOST ?? '127.0.0.1';
  if (!isLoopback(host)) {
    faults.push(
      `HOST is "${host}". Kalla has no sign-in configured, so it listens on this machine only: unset HOST, or use 127.0.0.1.`,
    );
  }
  if (faults.length > 0) throw new EnvError(faults.join('\n'));
  return {
    port,
    host,
    allowedHosts: (set.KALLA_ALLOWED_HOSTS ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter(Boolean),
    workerUrl: (set.WORKER_URL ?? 'http://127.0.0.1:9090').replace(/\/+$/, ''),
    workerToken: set.WORKER_TOKEN ?? null,
    dataDir: resolve(set.KALLA_DATA_DIR ?? './.kalla'),
    databaseUrl: set.DATABASE_URL ?? null,
    secretKey: set.KALLA_SECRET_KEY ? Buffer.from(set.KALLA_SECRET_KEY, 'hex') : null,
    sample: set.KALLA_SAMPLE !== '0',
    maxUploadBytes: set.KALLA_MAX_UPLOAD_BYTES ? Number(set.KALLA_MAX_UPLOAD_BYTES) : 5 * GIB,
    npmRegistry: set.KALLA_NPM_REGISTRY ?? null,
    maxConnectorBytes: set.KALLA_MAX_CONNECTOR_BYTES ? Number(set.KALLA_MAX_CONNECTOR_BYTES) : 300 * MIB,
    handoverHours: Number(set.KALLA_HANDOVER_HOURS ?? 24),
    logLevel: set.KALLA_LOG_LEVEL ?? 'warn',
    development,
    raw,
  };
}

/** True for names and addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true;
  return isIP(name) === 4 && name.startsWith('127.');
}
