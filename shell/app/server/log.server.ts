import { destination, pino, type Logger } from 'pino';

/** Fields whose value never reaches the log, at any of the depths our log calls use. */
const SECRET_FIELDS = [
  'password',
  'secret',
  'secrets',
  'token',
  'callback_token',
  'authorization',
  'cookie',
  'config',
  'uri',
  'headers',
];

/**
 * The shell's log: JSON lines on standard error, so that standard output keeps the one line that says where Kalla is.
 * `KALLA_LOG_LEVEL` is one of pino's levels; `warn` where absent.
 */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      base: { part: 'shell' },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[secret]' },
      serializers: { error: errorForLog, err: errorForLog },
    },
    destination({ fd: 2, sync: true }),
  );
}

/** Takes what helps an operator out of an error, with passwords in connection strings masked. */
export function errorForLog(error: unknown): unknown {
  if (!(error instanceof Error)) return maskUrls(String(error));
  const code = (error as { code?: unknown }).code;
  return {
    name: error.name,
    message: loggable(error.message),
    ...(code === undefined ? {} : { code }),
    stack: error.stack ? loggable(error.stack) : undefined,
    ...(error.cause === undefined ? {} : { cause: errorForLog(error.cause) }),
  };
}

/** Without passwords in addresses, and without the values of a query, which drizzle's errors repeat: cells, settings, tokens. */
function loggable(text: string): string {
  return maskUrls(text.replace(/^params: .*?(?=^\s+at |$(?![\s\S]))/ms, 'params: [secret]\n').trimEnd());
}

/** `postgres://u:secret@host` becomes `postgres://u:***@host`. */
export function maskUrls(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]*@/gi, '$1:***@');
}
