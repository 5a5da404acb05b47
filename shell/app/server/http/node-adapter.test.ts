import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { sendResponse } from './node-adapter.server.ts';

let close: (() => void) | undefined;
afterEach(() => close?.());

/** Calls `handle` for one request and hands out the client's side of it. */
async function exchange(handle: (message: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  close = () => void server.close();
  const client = httpRequest({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => undefined); // It hangs up itself.
  client.end();
  return client;
}

/** A body that never ends, as a download from the worker that nobody reads; `cancelled` resolves when it is given up. */
function endlessBody() {
  let isCancelled!: () => void;
  const cancelled = new Promise<void>((resolve) => (isCancelled = resolve));
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    cancel: () => isCancelled(),
  });
  return { body, cancelled };
}

test('a body is given up when its client hangs up in the middle', async () => {
  const { body, cancelled } = endlessBody();
  const client = await exchange((message, response) => {
    sendResponse(message, response, new Response(body)).catch(() => undefined);
  });
  const [answer] = (await once(client, 'response')) as [IncomingMessage];
  await once(answer, 'data');
  client.destroy();
  await expect(cancelled).resolves.toBeUndefined();
});

test('a body is given up when its client had hung up before it came', async () => {
  const { body, cancelled } = endlessBody();
  const client = await exchange((message, response) => {
    response.once('close', () => {
      sendResponse(message, response, new Response(body)).catch(() => undefined);
    });
    client.destroy();
  });
  await expect(cancelled).resolves.toBeUndefined();
});
