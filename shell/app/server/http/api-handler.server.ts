import { problem, ProblemError } from '@kalla/core';
import { services } from '../services.server.ts';
import { hungUp } from './hung-up.server.ts';
import { isInternal, problemOfAny, problemResponse } from './problems.server.ts';

export type ApiMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a handler gets: the request, its URL, and the parts of the path. */
export interface ApiCall {
  request: Request;
  url: URL;
  /** A part of the path by its name in the route; empty text where the route has no such part. */
  param(name: string): string;
  /** The nonce of this response's content security policy. */
  nonce: string;
}

export type ApiHandler = (call: ApiCall) => Promise<Response> | Response;

interface RouteArgs {
  request: Request;
  params: Record<string, string | undefined>;
  context?: unknown;
}

/**
 * Makes the `loader` and `action` of a resource route from one handler per method. Everything thrown becomes problem+json;
 * a method that is not there answers 405 with `Allow`; what nobody foresaw is logged and answered with a neutral sentence.
 *
 * @example
 * const handlers = api({ GET: () => json({ ok: true }) });
 * export const loader = handlers.loader;
 * export const action = handlers.action;
 */
export function api(handlers: Partial<Record<ApiMethod, ApiHandler>>) {
  const answer = async ({ request, params, context }: RouteArgs): Promise<Response> => {
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const handler = handlers[method as ApiMethod];
    const url = new URL(request.url);
    const { nonce = '', gone } = (context ?? {}) as { nonce?: string; gone?: AbortSignal };
    if (gone) keepSignal(request, gone);
    if (!handler) return methodNotAllowed(request.method, url.pathname, Object.keys(handlers));
    try {
      if (Object.values(params).some((part) => part?.includes('\0'))) {
        throw new ProblemError('not-found', 'There is nothing at this address: it holds a NUL character.');
      }
      const response = await handler({
        request,
        url,
        param: (name) => params[name] ?? '',
        nonce,
      });
      cancelWithRequest(response.body, request.signal);
      return response;
    } catch (error) {
      if (error instanceof Response) return error;
      const found = problemOfAny(error);
      const about = { method: request.method, path: url.pathname };
      if (hungUp(error, request.signal)) services().log.debug(about, 'a client hung up');
      else if (isInternal(found)) services().log.error({ error, ...about }, 'a request failed');
      return problemResponse(found);
    }
  };
  return { loader: answer, action: answer };
}

/**
 * React Router hands on copies of a request, and a copy's signal follows the one before by a weak reference: once that is collected,
 * nothing tells of a client that hangs up, and the worker goes on for nobody. So the first signal itself is given to the handlers.
 */
function keepSignal(request: Request, gone: AbortSignal): void {
  Object.defineProperty(request, 'signal', { value: gone });
}

/**
 * React Router drops the answer to a request whose client is gone, and its body with it: a download would wait for its reader,
 * and hold the worker's place and scratch file, until the garbage is collected. A body that somebody reads is theirs to end.
 */
function cancelWithRequest(body: ReadableStream<Uint8Array> | null, signal: AbortSignal): void {
  if (!body) return;
  const cancel = () => {
    if (!body.locked) void body.cancel().catch(() => undefined); // It may have failed for the same reason.
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
}

/** 405 with the methods that the path knows. */
export function methodNotAllowed(method: string, path: string, known: string[]): Response {
  const allow = known.includes('GET') ? ['GET', 'HEAD', ...known.filter((name) => name !== 'GET')] : known;
  return problemResponse(
    problem('method-not-allowed', `${path} does not know ${method}. It knows ${allow.join(', ')}.`),
    {
      allow: allow.join(', '),
    },
  );
}

/** A JSON answer. It is never cached: what it shows changes at any moment. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  });
}

/** An answer of server-sent events, passed on as they come. */
export function eventStream(events: ReadableStream<Uint8Array>): Response {
  return new Response(events, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
  });
}
