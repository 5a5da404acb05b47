import { issueSentence, ProblemError } from '@kalla/core';
import type { Context } from 'hono';
import type { z } from 'zod';

/** Reads the JSON body as `schema` says, or throws a problem that names every field at fault. */
export async function readBody<T extends z.ZodType>(context: Context, schema: T): Promise<z.output<T>> {
  const text = await context.req.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const what = text === '' ? 'The body is empty; it has to be JSON.' : 'The body is not valid JSON.';
    throw new ProblemError('bad-request', what, undefined, error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const items = parsed.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issueSentence(issue) }));
  const first = items[0];
  const detail = `${first?.field ? `"${first.field}": ` : ''}${first?.message ?? 'The body does not validate'}`;
  throw new ProblemError('validation', /[.!?]$/.test(detail) ? detail : `${detail}.`, items);
}
