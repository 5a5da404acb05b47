import { ConnectorError } from '@kalla/core';

/** Bytes that a page should have: three of them may be held for each slice that is read. */
const TARGET_BYTES = 4 * 2 ** 20;
/** What a server allows in one page unless it was set up otherwise. */
const MOST = 10_000;
/** Cells whose places are held for a page. */
const MOST_CELLS = 500_000;
const FIRST = 500;
const GROWTH = 10;

/** How many documents to ask for: as many as fit into a page of some megabytes, learned from the pages that came. */
export class PageSize {
  next: number;
  #most: number;

  constructor(columns: number) {
    this.#most = Math.max(10, Math.min(MOST, Math.floor(MOST_CELLS / Math.max(columns, 1))));
    this.next = Math.min(FIRST, this.#most);
  }

  /** After a page of so many bytes. */
  seen(bytes: number, documents: number): void {
    const fitting = Math.floor((TARGET_BYTES * documents) / Math.max(bytes, 1));
    this.next = Math.max(1, Math.min(fitting, documents * GROWTH, this.#most));
  }

  /** After an answer that was too large to be held. Throws where one document is. */
  tooLarge(documents: number, table: string): number {
    if (documents === 1)
      throw new ConnectorError('type', `"${table}" has a document that is larger than can be read at once.`, {
        hint: 'Leave it out with a filter at the server, for example by an alias.',
      });
    this.#most = Math.max(1, Math.floor(documents / 8));
    this.next = this.#most;
    return this.next;
  }

  /** After the server said how many it allows at most. */
  allowed(documents: number): number {
    this.#most = Math.max(1, Math.min(this.#most, documents));
    this.next = Math.min(this.next, this.#most);
    return this.next;
  }
}
