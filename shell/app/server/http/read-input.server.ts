import { ProblemError } from '@kalla/core';
import type { z } from 'zod';
import { validationProblem } from './problems.server.ts';
import { streamBytes } from './stream-bytes.server.ts';

/** Largest JSON body in bytes. Recipes and callbacks stay far below. */
export const MAX_JSON_BYTES = 16 * 1024 * 1024;

/**
 * Reads and validates a JSON body. Throws `unsupported-media-type`, `too-large`, `bad-request` for malformed JSON, and
 * `validation` with the path of every field.
 */
export async function readJson<T extends z.ZodType>(request: Request, schema: T): Promise<z.output<T>> {
  const type = request.headers.get('content-type') ?? '';
  if (!isJson(type)) throw noJson(type);
  return parseJson(await readText(request), schema);
}

/** The same where the body may be absent, which is as an empty one. A request that has none may come as a stream all the same. */
export async function readOptionalJson<T extends z.ZodType>(request: Request, schema: T): Promise<z.output<T>> {
  if (request.headers.has('content-type')) return readJson(request, schema);
  if ((await readText(request)) !== '') throw noJson('');
  return parseInput(schema, {});
}

const isJson = (type: string) => /^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(type);

function noJson(type: string): ProblemError {
  return new ProblemError(
    'unsupported-media-type',
    `The body has to be JSON: send it with the header "content-type: application/json"${type ? `, not "${type.slice(0, 80)}"` : ''}.`,
  );
}

function parseJson<T extends z.ZodType>(text: string, schema: T): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ProblemError('bad-request', `The body is not JSON: ${(cause as Error).message}.`, undefined, cause);
  }
  if (text.includes('\\u0000')) refuseNul(value, []);
  return parseInput(schema, value);
}

/** PostgreSQL stores no NUL, and no text that a person writes holds one. */
function refuseNul(value: unknown, path: string[]): void {
  if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      refuseNul(name, path);
      refuseNul(inner, [...path, name]);
    }
  } else if (typeof value === 'string' && value.includes('\0')) {
    const field = path.join('.');
    throw new ProblemError('validation', `${field ? `"${field}"` : 'The body'} holds a NUL character. Take it out.`, [
      { ...(field ? { field } : {}), message: 'holds a NUL character' },
    ]);
  }
}

/** Validates a value; throws `validation`. `prefix` is the path at which the value stood. */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown, prefix: string[] = []): z.output<T> {
  const result = schema.safeParse(value);
  if (!result.success) throw new ProblemError(validationProblem(result.error.issues, prefix));
  return result.data;
}

/** Validates the query of an address. A parameter that is there twice counts by its last value. */
export function readQuery<T extends z.ZodType>(url: URL, schema: T): z.output<T> {
  const query = Object.fromEntries(url.searchParams);
  refuseNul(query, []);
  return parseInput(schema, query);
}

async function readText(request: Request): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  let text = '';
  try {
    for await (const chunk of streamBytes(request.body)) {
      bytes += chunk.byteLength;
      if (bytes > MAX_JSON_BYTES) {
        throw new ProblemError('too-large', `The body is larger than ${MAX_JSON_BYTES / 1024 / 1024} MiB.`);
      }
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof TypeError)
      throw new ProblemError('bad-request', 'The body is not UTF-8 text.', undefined, error);
    throw error;
  }
}

/** The bearer token of a request, or null. */
export function bearerToken(request: Request): string | null {
  return /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? null;
}
