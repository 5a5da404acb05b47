import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** A signal that aborts when the client hangs up before it has the whole answer. */
export function clientGone(context: Context<{ Bindings: HttpBindings }>): AbortSignal {
  const gone = new AbortController();
  const { outgoing } = context.env;
  const look = () => {
    if (!outgoing.writableFinished) gone.abort(new Error('The client hung up.'));
  };
  // It may have hung up while its body was read: then nothing tells of it any more.
  if (outgoing.destroyed) look();
  else outgoing.once('close', look);
  return gone.signal;
}
