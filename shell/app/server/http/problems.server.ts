import { issueSentence, PROBLEM_BASE, problem, problemOf, type Problem, type ProblemItem } from '@kalla/core';
import { ZodError, type z } from 'zod';
import { lostDatabaseOf } from '../db/lost-database.server.ts';

/**
 * Finds the problem body of any thrown value. The page build and the server bundle may hold two copies of `@kalla/core`, so
 * our error class is known by its shape and not by `instanceof`.
 */
export function problemOfAny(error: unknown): Problem {
  if (error instanceof ZodError) return validationProblem(error.issues);
  const carried = (error as { problem?: unknown } | null)?.problem;
  if (isProblem(carried)) return carried;
  return lostDatabaseOf(error) ?? problemOf(error);
}

/** True where the error is our own fault, and thus belongs into the log. */
export function isInternal(found: Problem): boolean {
  return found.type === `${PROBLEM_BASE}internal`;
}

/** A problem as a response, with a content type of its own. */
export function problemResponse(body: Problem, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
      ...(body.type === `${PROBLEM_BASE}database-unreachable` ? { 'retry-after': '5' } : {}),
      ...headers,
    },
  });
}

/** One sentence, and every fault with the dotted path of its field. `prefix` names where the value stood, for example `options`. */
export function validationProblem(issues: readonly z.core.$ZodIssue[], prefix: string[] = []): Problem {
  const items = issues.map((issue): ProblemItem => {
    const field = [...prefix, ...issue.path.map(String)].join('.');
    return { ...(field ? { field } : {}), message: issueSentence(issue) };
  });
  const first = items[0];
  const rest = items.length - 1;
  const more = rest === 1 ? ' There is one more fault.' : rest > 1 ? ` There are ${rest} more faults.` : '';
  const where = first?.field ? `In "${first.field}": ` : '';
  return problem('validation', `${where}${sentence(first?.message ?? 'The input does not validate')}${more}`, items);
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Problem).type === 'string' &&
    typeof (value as Problem).status === 'number' &&
    typeof (value as Problem).detail === 'string'
  );
}
