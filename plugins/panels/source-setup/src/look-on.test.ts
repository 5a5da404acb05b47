import type { TableRef } from '@kalla/core';
import { describe, expect, it } from 'vitest';
import { emptyList } from './empty-list.ts';
import { lookOn } from './look-on.ts';

describe('lookOn', () => {
  const bills: TableRef = { id: 'd60.bills', name: 'd60.bills', kind: 'table', rowEstimate: null };
  /** A source of `pages` pages, whose last one holds the tables, and the cursors it was asked for. */
  const source = (pages: number, tables: TableRef[] = [bills]) => {
    const asked: Array<string | null> = [];
    const ask = async (cursor: string | null) => {
      asked.push(cursor);
      const page = Number(cursor ?? 1);
      return page < pages ? { tables: [], next: String(page + 1) } : { tables, next: null };
    };
    return { asked, ask };
  };
  const calm = () => new AbortController().signal;

  it('goes on over empty pages to the table on the last one', async () => {
    const { asked, ask } = source(3);
    expect(await lookOn(ask, null, calm())).toEqual({ tables: [bills], next: null });
    expect(asked).toEqual([null, '2', '3']);
  });

  it('stops at the first page with tables, and leaves the next to the reader', async () => {
    let calls = 0;
    const ask = async () => ({ tables: [bills], next: String(++calls) });
    expect(await lookOn(ask, '7', calm())).toEqual({ tables: [bills], next: '1' });
  });

  it('ends where the source ends', async () => {
    expect(await lookOn(source(3, []).ask, null, calm())).toEqual({ tables: [], next: null });
  });

  it('gives up after so many pages, and says from where it goes on', async () => {
    const { asked, ask } = source(30);
    const first = await lookOn(ask, null, calm());
    expect(first).toEqual({ tables: [], next: '21' });
    expect(asked).toHaveLength(20);
    expect(await lookOn(ask, first.next, calm())).toEqual({ tables: [bills], next: null });
  });

  it('asks no more once another search was begun', async () => {
    const controller = new AbortController();
    const { asked, ask } = source(9);
    const looking = lookOn(
      (cursor) => {
        if (asked.length === 1) controller.abort();
        return ask(cursor);
      },
      null,
      controller.signal,
    );
    await expect(looking).rejects.toThrow(/abort/i);
    expect(asked).toEqual([null, '2']);
  });
});

describe('emptyList', () => {
  it('says that there is no table only where everything was looked through', () => {
    expect(emptyList('bills', null)).toBe('No table has “bills” in its name.');
    expect(emptyList('bills', '21')).toBe(
      'No table with “bills” in its name was found so far. Not everything was looked through yet.',
    );
    expect(emptyList('', null)).toMatch(/^There is no table that this user may read/);
    expect(emptyList('', '21')).toBe('No table was found so far. Not everything was looked through yet.');
  });
});
