import type { Batch, Connection, Operation, ReadPlan } from '@kalla/core';
import { calm } from './test-host.ts';

/** All batches of all splits, one split after the other. */
export async function readAll(connection: Connection, plan: ReadPlan, operation: Operation = calm()): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (const split of plan.splits)
    for await (const batch of connection.read(plan, split, operation)) batches.push(batch);
  return batches;
}

/** Waits until something holds; fails after `ms` milliseconds with what it was last. */
export async function eventually<T>(look: () => T | Promise<T>, holds: (value: T) => boolean, ms = 2000): Promise<T> {
  const until = performance.now() + ms;
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    if (performance.now() > until) throw new Error(`Not within ${ms} ms; it is ${JSON.stringify(value)}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
