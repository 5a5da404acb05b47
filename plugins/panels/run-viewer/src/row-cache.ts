import type { RowsPage } from '@kalla/core';

/** `numbers` are the places of the rows in the file. */
export type PageState = { rows: RowsPage['rows']; numbers: number[] } | { error: Error } | 'loading';

/** Fetches one page of rows. */
export type FetchPage = (page: number, signal: AbortSignal) => Promise<RowsPage>;

/** How many pages are kept: enough to scroll back and forth, and bounded however far one scrolls. */
export const keptPages = 60;

/**
 * Pages of rows by number. `want` says which are on screen: what is missing is fetched, and fetches of pages that are no
 * longer wanted are aborted, so that dragging through 5 million rows does not queue up work on the server.
 */
export class RowCache {
  readonly #fetch: FetchPage;
  readonly #onChange: () => void;
  readonly #pages = new Map<number, PageState>();
  readonly #going = new Map<number, AbortController>();
  /** Columns and total of the latest page that came. */
  head: Pick<RowsPage, 'columns' | 'total'> | null = null;

  constructor(fetch: FetchPage, onChange: () => void) {
    this.#fetch = fetch;
    this.#onChange = onChange;
  }

  get(page: number): PageState | undefined {
    return this.#pages.get(page);
  }

  want(pages: readonly number[]): void {
    for (const [page, controller] of this.#going) {
      if (!pages.includes(page)) {
        controller.abort();
        this.#going.delete(page);
        this.#pages.delete(page);
      }
    }
    for (const page of pages) {
      const state = this.#pages.get(page);
      if (state === undefined) void this.#load(page);
      else if (state !== 'loading') {
        // Moves it to the end of the order in which pages are dropped.
        this.#pages.delete(page);
        this.#pages.set(page, state);
      }
    }
    for (const [page, state] of this.#pages) {
      if (this.#pages.size <= keptPages) break;
      if (state !== 'loading' && !pages.includes(page)) this.#pages.delete(page);
    }
  }

  /** Forgets failed pages, so that the next `want` fetches them again. */
  retry(): void {
    for (const [page, state] of this.#pages)
      if (typeof state === 'object' && 'error' in state) this.#pages.delete(page);
    this.#onChange();
  }

  /** Ends every fetch. */
  close(): void {
    for (const controller of this.#going.values()) controller.abort();
    this.#going.clear();
  }

  async #load(page: number): Promise<void> {
    const controller = new AbortController();
    this.#going.set(page, controller);
    this.#pages.set(page, 'loading');
    try {
      const { rows, columns, total, row_numbers } = await this.#fetch(page, controller.signal);
      if (controller.signal.aborted) return;
      this.head = { columns, total };
      this.#pages.set(page, { rows, numbers: row_numbers ?? [] });
    } catch (error) {
      if (controller.signal.aborted) return;
      this.#pages.set(page, { error: error instanceof Error ? error : new Error(String(error)) });
    } finally {
      if (this.#going.get(page) === controller) this.#going.delete(page);
    }
    this.#onChange();
  }
}
