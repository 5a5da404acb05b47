import { PassThrough } from 'node:stream';
import { createReadableStreamFromReadable } from '@react-router/node';
import { isbot } from 'isbot';
import { renderToPipeableStream } from 'react-dom/server';
import { ServerRouter, type AppLoadContext, type EntryContext } from 'react-router';
import { NonceContext } from './nonce.ts';
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
  const nonce = (loadContext as { nonce?: string } | undefined)?.nonce;
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
          if (started) services().log.error({ error }, 'a page failed while it was sent');
        },
      },
    );
    setTimeout(abort, streamTimeout + 1_000).unref();
  });
}
