import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until the answer is true. Throws after `ms`, with the last error where there was one. */
export async function until(ask: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const deadline = Date.now() + ms;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      if (await ask()) return;
      last = undefined;
    } catch (error) {
      last = error; // Not yet reachable, for example; thrown as the cause when time is over.
    }
    await sleep(50);
  }
  throw new Error(`It did not come true within ${ms} ms: ${String(ask)}`, { cause: last });
}
