import { pino, type Logger } from 'pino';
import { redact } from './redact.ts';

export type { Logger };

/** Fields that may hold a secret, wherever an object is logged by mistake. */
const SECRET_FIELDS = ['config', 'uri', 'callback_token', 'authorization', 'password', 'token', 'secrets'];

/** The worker's log: one JSON line per event on standard output. Error messages and stacks have secrets taken out. */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: { part: 'worker' },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '***' },
    serializers: { err: errorFields },
  });
}

function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: redact(String(error)) };
  return {
    name: error.name,
    message: redact(error.message),
    stack: redact(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
  };
}
