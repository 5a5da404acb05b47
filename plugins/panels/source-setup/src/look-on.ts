import type { TableRef } from '@kalla/core';

export interface TablesPage {
  tables: TableRef[];
  /** Cursor of the next page, null at the end. */
  next: string | null;
}

/** So many empty pages are gone through unasked. A warehouse gives one after some dozens of calls of its own. */
const mostPages = 20;

/**
 * The next page that has tables. A source that cannot search by itself returns an empty page with a next one where it has not
 * looked everywhere, which is no answer yet to who searches.
 *
 * @returns an empty page with a `next` where the first `most` pages are empty: not everywhere was looked
 * @throws what `ask` throws, and the signal's reason once it is aborted
 */
export async function lookOn(
  ask: (cursor: string | null) => Promise<TablesPage>,
  cursor: string | null,
  signal: AbortSignal,
  most: number = mostPages,
): Promise<TablesPage> {
  for (let count = 1; ; count += 1) {
    const page = await ask(cursor);
    signal.throwIfAborted();
    if (page.tables.length > 0 || page.next === null || count >= most) return page;
    cursor = page.next;
  }
}
