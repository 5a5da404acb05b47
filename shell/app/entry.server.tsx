import { PassThrough } from 'node:stream';
import { createReadableStreamFromReadable } from '@react-router/node';
import { isbot } from 'isbot';
import { renderToPipeableStream } from 'react-dom/server';
import { isRouteErrorResponse, ServerRouter, type AppLoadContext, type EntryContext } from 'react-router';
import { NonceContext } from './nonce.ts';
import { hungUp } from './server/http/hung-up.server.ts';
import { services } from './server/services.server.ts';

/** How long the server waits for data that a page streams, in ms. */
export const streamTimeout = 5_000;

/** Renders a page. The server that calls it puts the nonce into the load context and into the response's policy. */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  routerContext: EntryContext,
  loadContext: AppLoadContext,
): Promise<Response> {
  const { nonce, gone } = contextOf(loadContext);
  const wholePage = isbot(request.headers.get('user-agent') ?? '') || routerContext.isSpaMode;
  return new Promise((resolve, reject) => {
    let statusCode = status;
    let started = false;
    const respond = () => {
      started = true;
      const body = new PassThrough();
      headers.set('Content-Type', 'text/html; charset=utf-8');
      resolve(new Response(createReadableStreamFromReadable(body), { headers, status: statusCode }));
      pipe(body);
    };
    const { pipe, abort } = renderToPipeableStream(
      <NonceContext.Provider value={nonce}>
        <ServerRouter context={routerContext} url={request.url} nonce={nonce} />
      </NonceContext.Provider>,
      {
        nonce,
        ...(wholePage ? { onAllReady: respond } : { onShellReady: respond }),
        onShellError: reject,
        onError(error) {
          statusCode = 500;
          // Before the first byte the error rejects the promise and is logged once, above.
          // A client that is gone ends its page in the middle; that is no fault.
          if (started && !gone?.aborted) services().log.error({ error }, 'a page failed while it was sent');
        },
      },
    );
    setTimeout(abort, streamTimeout + 1_000).unref();
  });
}

/** What loaders threw and nobody foresaw; React Router would print it. An address that is not there is none of it. */
export function handleError(thrown: unknown, { request, context }: { request: Request; context: unknown }): void {
  if (isRouteErrorResponse(thrown) && thrown.status < 500) return;
  const error = (isRouteErrorResponse(thrown) && (thrown as { error?: unknown }).error) || thrown;
  const { log } = services();
  const about = { method: request.method, path: new URL(request.url).pathname };
  if (hungUp(error, contextOf(context).gone ?? request.signal)) log.debug(about, 'a client hung up');
  else log.error({ error, ...about }, 'a page failed');
}

/** What the server gives to each request. */
function contextOf(context: unknown): { nonce?: string; gone?: AbortSignal } {
  return (context ?? {}) as { nonce?: string; gone?: AbortSignal };
}
