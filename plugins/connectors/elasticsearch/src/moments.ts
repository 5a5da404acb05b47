import { ConnectorError, type ConnectorLog, type Operation, type ReadPlan } from '@kalla/core';
import type { Server } from './client.ts';
import { inPath } from './tables.ts';

/** How long the server keeps a moment after the last page of it was asked for. */
export const KEEP_ALIVE = '5m';
/** Closing is never in the way of a cancel. */
const CLOSE_MS = 1500;

interface Moment {
  /** The id that the server gave last; each page may bring another. */
  id: string;
  readers: number;
  /** Splits that were read to their end, or left. */
  done: Set<string>;
  closed: Promise<void> | null;
}

/**
 * The moments (points in time) at which plans are read: all splits of a plan see the same one. A moment is closed when every split
 * is done, when one fails or is aborted, and with the connection; what cannot be closed the server forgets after five minutes.
 */
export class Moments implements AsyncDisposable {
  readonly #server: Server;
  readonly #log: ConnectorLog;
  readonly #open = new Map<ReadPlan, Promise<Moment>>();

  constructor(server: Server, log: ConnectorLog) {
    this.#server = server;
    this.#log = log;
  }

  /**
   * The moment of a plan, opened by its first reader. `verify` runs once, after it is held: what changes before is found, and what
   * changes later is not in it.
   */
  async enter(plan: ReadPlan, table: string, verify: () => Promise<void>): Promise<Moment> {
    let opening = this.#open.get(plan);
    if (!opening) {
      opening = this.#start(table, verify);
      this.#open.set(plan, opening);
      opening.catch(() => this.#open.delete(plan));
    }
    const moment = await opening;
    if (moment.closed)
      throw new ConnectorError('transient', `The moment at which "${table}" was being read is over.`, {
        hint: 'Run it again.',
      });
    moment.readers++;
    return moment;
  }

  /** A reader leaves. `isBroken`: the read failed or was aborted, and nobody needs the moment any more. */
  async leave(plan: ReadPlan, moment: Moment, split: string, isBroken: boolean): Promise<void> {
    moment.readers--;
    moment.done.add(split);
    const isLast = plan.splits.every(({ id }) => moment.done.has(id));
    if (isBroken || (isLast && moment.readers === 0)) await this.#close(plan, moment);
  }

  /**
   * Not ended by the reader's signal: a request that is given up on its way might still open a moment, and nobody could close it.
   */
  async #start(table: string, verify: () => Promise<void>): Promise<Moment> {
    const { id } = await this.#server.json<{ id: string }>(
      { method: 'POST', path: `/${inPath(table)}/_pit`, query: { keep_alive: KEEP_ALIVE }, table },
      { signal: new AbortController().signal },
    );
    const moment: Moment = { id, readers: 0, done: new Set(), closed: null };
    try {
      await verify();
    } catch (error) {
      await this.#end(moment);
      throw error;
    }
    return moment;
  }

  #close(plan: ReadPlan, moment: Moment): Promise<void> {
    this.#open.delete(plan);
    moment.closed ??= this.#end(moment);
    return moment.closed;
  }

  async #end({ id }: Moment): Promise<void> {
    const operation: Operation = { signal: new AbortController().signal };
    try {
      await this.#server.send(
        { method: 'DELETE', path: '/_pit', body: JSON.stringify({ id }), accept: [404], timeoutMs: CLOSE_MS },
        operation,
      );
    } catch (error) {
      // The read has its own outcome; this one only costs the server memory for five minutes.
      if (!ConnectorError.is(error)) throw error;
      this.#log.warn('A point in time could not be closed.', { kind: error.kind });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = await Promise.allSettled(
      [...this.#open].map(async ([plan, opening]) => [plan, await opening] as const),
    );
    await Promise.all(
      open.map((outcome) => (outcome.status === 'fulfilled' ? this.#close(...outcome.value) : Promise.resolve())),
    );
  }
}

export type { Moment };
