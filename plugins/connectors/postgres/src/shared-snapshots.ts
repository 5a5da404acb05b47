import type { PostgresConfig } from './config.ts';
import type { PostgresPlan } from './plan.ts';
import { Session } from './session.ts';

interface Kept {
  session: Promise<{ session: Session; snapshot: string }>;
  /** Splits that have not joined yet. */
  waiting: Set<string>;
}

/**
 * Lets all splits of a plan see the same moment: one session exports its snapshot and stays open until every split has
 * joined it, or the connection is closed. Opened when the first split is read, so that a plan alone holds no session.
 */
export class SharedSnapshots implements AsyncDisposable {
  readonly #config: PostgresConfig;
  readonly #kept = new Map<PostgresPlan['postgres'], Kept>();

  constructor(config: PostgresConfig) {
    this.#config = config;
  }

  /** Name of the plan's snapshot, or undefined for a plan of one split, which needs none. */
  async nameFor(plan: PostgresPlan): Promise<string | undefined> {
    if (plan.splits.length < 2) return undefined;
    let kept = this.#kept.get(plan.postgres);
    if (!kept) {
      kept = { session: this.#export(), waiting: new Set(plan.splits.map(({ id }) => id)) };
      this.#kept.set(plan.postgres, kept);
      // A failure is told to every split that waits, and the next try starts anew.
      kept.session.catch(() => this.#kept.delete(plan.postgres));
    }
    return (await kept.session).snapshot;
  }

  /** Says that a split's transaction has begun, from where on it keeps the snapshot by itself. */
  async joined(plan: PostgresPlan, splitId: string): Promise<void> {
    const kept = this.#kept.get(plan.postgres);
    if (!kept) return;
    kept.waiting.delete(splitId);
    if (kept.waiting.size > 0) return;
    this.#kept.delete(plan.postgres);
    await (await kept.session).session[Symbol.asyncDispose]();
  }

  async #export(): Promise<{ session: Session; snapshot: string }> {
    const session = await Session.open(this.#config, { signal: new AbortController().signal });
    try {
      await session.begin();
      return { session, snapshot: await session.exportSnapshot() };
    } catch (error) {
      await session.stop();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#kept.values()];
    this.#kept.clear();
    const opened = await Promise.allSettled(all.map(({ session }) => session));
    for (const one of opened) if (one.status === 'fulfilled') await one.value.session[Symbol.asyncDispose]();
  }
}
