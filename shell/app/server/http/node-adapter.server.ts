import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';

/** How long the rest of a body that nobody reads is taken in, so that the sender gets to see the answer, in ms. */
const LINGER_MS = 5_000;

/** A signal that aborts when the connection is lost before the answer is complete. */
export function clientGone(response: ServerResponse): AbortSignal {
  const abort = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) abort.abort();
  });
  return abort.signal;
}

/** Makes a web request of a node one. `gone` is its signal. */
export function toRequest(message: IncomingMessage, gone: AbortSignal, origin: string): Request {
  const headers = new Headers();
  for (let at = 0; at < message.rawHeaders.length; at += 2) {
    const name = message.rawHeaders[at] ?? '';
    if (!name.startsWith(':')) headers.append(name, message.rawHeaders[at + 1] ?? '');
  }
  const method = message.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(safePath(message.url ?? '/'), origin), {
    method,
    headers,
    signal: gone,
    ...(hasBody ? { body: bodyOf(message), duplex: 'half' as const } : {}),
  });
}

/** Held of a body that comes faster than it is read, in bytes. */
const BODY_BUFFER = 256 * 1024;

/** The body as a web stream. Cancelling it reads on and drops what comes: node's own conversion would reset the connection. */
function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let ended = false;
        const fail = (error: Error) => {
          if (!ended) controller.error(error);
          ended = true;
        };
        message.on('data', (chunk: Buffer) => {
          if (ended) return;
          controller.enqueue(chunk);
          if ((controller.desiredSize ?? 0) <= 0) message.pause();
        });
        message.on('end', () => {
          if (!ended) controller.close();
          ended = true;
        });
        message.on('error', fail);
        message.on('close', () => fail(lostBody()));
        message.pause();
      },
      pull: () => void message.resume(),
      cancel: () => drop(message),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: BODY_BUFFER }),
  );
}

function lostBody(): Error {
  return Object.assign(new Error('The connection was lost in the middle of the body.'), { code: 'ECONNRESET' });
}

function drop(message: IncomingMessage): void {
  message.removeAllListeners('data');
  message.removeAllListeners('end');
  message.on('data', () => undefined);
  message.resume();
}

/** `//evil.example/x` would be read as another host. */
function safePath(path: string): string {
  return path.startsWith('/') ? path.replace(/^\/+/, '/') : '/';
}

/** Writes a web response, no faster than it is taken. A body that breaks in the middle breaks the connection. */
export async function sendResponse(
  message: IncomingMessage,
  response: ServerResponse,
  answer: Response,
): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) if (name !== 'set-cookie') response.setHeader(name, value);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  // A stream of events begins with its headers, not with its first event.
  response.flushHeaders();
  if (!answer.body || message.method === 'HEAD') {
    await answer.body?.cancel();
    response.end();
  } else {
    await pipeline(Readable.fromWeb(answer.body as NodeStream<Uint8Array>), response);
  }
  if (!message.complete) lingerOn(message);
}

/** Reads on for a while what was refused: closing at once would reset the connection before the sender reads the reason. */
function lingerOn(message: IncomingMessage): void {
  drop(message);
  const timer = setTimeout(() => message.destroy(), LINGER_MS);
  timer.unref();
  message.on('close', () => clearTimeout(timer));
}
