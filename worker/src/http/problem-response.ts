import { problem, problemOf, ProblemError, type Problem, type ProblemKind } from '@kalla/core';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from '../log.ts';
import { hungUp } from './client-gone.ts';

/** A response with a problem as its body. */
export function problemResponse(body: Problem): Response {
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}

/** Turns whatever a handler threw into a response. Only what nobody expected goes to the log; no stack goes to a user. */
export function errorResponse(error: unknown, context: Context, log: Logger): Response {
  if (error instanceof HTTPException) {
    const kind: ProblemKind = error.status === 413 ? 'too-large' : error.status < 500 ? 'bad-request' : 'internal';
    return problemResponse(problem(kind, 'The request is not understood.'));
  }
  const body = problemOf(error);
  if (body.status >= 500 && !(error instanceof ProblemError)) {
    const about = { method: context.req.method, path: context.req.path };
    const { outgoing } = (context.env ?? {}) as Partial<HttpBindings>;
    if (hungUp(error, outgoing)) log.debug(about, 'a client hung up');
    else log.error({ err: error, ...about }, 'a request failed by a fault of the worker');
  }
  return problemResponse(body);
}
