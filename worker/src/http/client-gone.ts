import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** The reason of work that is given up because nobody waits for it any more. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
  constructor() {
    super('The client hung up.');
  }
}

/** What sockets, streams and aborted calls say when their other end goes away. */
const CODES = new Set(['ECONNRESET', 'EPIPE', 'ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED']);

/** True where an error is nothing but its client's going away. A fault of another kind stays one, also where nobody waits for it. */
export function hungUp(
  error: unknown,
  outgoing: Pick<ServerResponse, 'destroyed' | 'writableFinished'> | undefined,
): boolean {
  if (!outgoing?.destroyed || outgoing.writableFinished) return false;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (cause instanceof ClientGoneError || cause.name === 'AbortError' || CODES.has(String(code))) return true;
  }
  return false;
}

/** A signal that aborts when the client hangs up before it has the whole answer. */
export function clientGone(context: Context<{ Bindings: HttpBindings }>): AbortSignal {
  const gone = new AbortController();
  const { outgoing } = context.env;
  const look = () => {
    if (!outgoing.writableFinished) gone.abort(new ClientGoneError());
  };
  // It may have hung up while its body was read: then nothing tells of it any more.
  if (outgoing.destroyed) look();
  else outgoing.once('close', look);
  return gone.signal;
}
