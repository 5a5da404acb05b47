import { createHash, timingSafeEqual } from 'node:crypto';
import { ProblemError } from '@kalla/core';
import type { MiddlewareHandler } from 'hono';

const LOOPBACK_NAME = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Lets in only whom the worker serves. With a token, every request but the health check has to bring it. Without one the
 * worker listens on loopback only, and any page in a browser of the same machine could send to it: so a request that a
 * browser makes for a page (it has an Origin), or that came by another host name (DNS rebinding), is refused.
 */
export function guard(token: string | undefined): MiddlewareHandler {
  return async (context, next) => {
    if (context.req.header('origin') !== undefined) {
      throw new ProblemError('forbidden', 'The worker does not serve web pages. Ask the app instead.');
    }
    if (token === undefined) {
      const host = context.req.header('host') ?? '';
      if (!LOOPBACK_NAME.test(host)) {
        throw new ProblemError('forbidden', 'Without WORKER_TOKEN the worker answers to localhost and 127.0.0.1 only.');
      }
    } else if (context.req.path !== '/healthz') {
      const given = /^Bearer +(.+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? '';
      if (!sameText(given, token))
        throw new ProblemError('unauthorized', 'The worker wants its WORKER_TOKEN as bearer token.');
    }
    await next();
  };
}

/** Compares in constant time; hashing first makes the lengths alike. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
