import type { Run } from '@kalla/core';

/** One state of a run; `revision` grows with each change. */
export interface RunEvent {
  revision: number;
  run: Run;
}
type Listener = (event: RunEvent) => void;

/** Tells those who watch a run, in this process, of each change. */
export class RunEvents {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #onClose = new Set<() => void>();

  publish(event: RunEvent): void {
    for (const listener of this.#listeners.get(event.run.run_id) ?? []) listener(event);
  }

  /** Returns what ends the subscription. `onClose` is called when the server shuts down. */
  subscribe(runId: string, listener: Listener, onClose: () => void): () => void {
    const listeners = this.#listeners.get(runId) ?? new Set<Listener>();
    this.#listeners.set(runId, listeners.add(listener));
    this.#onClose.add(onClose);
    return () => {
      this.#onClose.delete(onClose);
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(runId);
    };
  }

  /** How many watch at the moment. */
  get size(): number {
    return this.#onClose.size;
  }

  /** Ends every subscription. */
  close(): void {
    for (const end of [...this.#onClose]) end();
  }
}
