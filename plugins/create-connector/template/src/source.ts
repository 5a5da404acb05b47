/**
 * The source itself: here three tables in memory, so that everything works before there is a client. Put yours in its place and
 * keep what connection.ts and read.ts ask of it: log in, list, pages of rows, each with the signal that ends it.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** A column as the source names it. */
export interface SourceColumn {
  name: string;
  type: string;
}

/** A row as the source sends it: texts, since JSON numbers would round money and long numbers. */
export type SourceRow = readonly (string | null)[];

export interface SourceTable {
  columns: readonly SourceColumn[];
  rows: number;
}

/** What the source answers in place of rows. */
export class SourceFault extends Error {
  constructor(readonly code: 'NO_ANSWER' | 'TOKEN_REFUSED' | 'NO_SUCH_TABLE') {
    super(code);
  }
}

const COLUMNS: readonly SourceColumn[] = [
  { name: 'id', type: 'bigint' },
  { name: 'amount', type: 'money' },
  { name: 'reference', type: 'string' },
  { name: 'paid_at', type: 'instant' },
];
const PAYMENTS: readonly SourceRow[] = [
  ['1001', '250.00', 'INV-1001', '2026-01-05T09:30:00Z'],
  ['1002', '-19.90', 'INV-1002', '2026-01-06T14:00:00.000001Z'],
  ['1003', '1204.50', '', null],
  ['9007199254740993', '0.10', 'Café 𝔸', '1969-12-31T23:59:59Z'],
  ['1005', null, null, '2026-01-08T11:15:00Z'],
];
const LARGE = 40_000;

const tables: Record<string, SourceTable & { row(index: number): SourceRow }> = {
  payments: { columns: COLUMNS, rows: PAYMENTS.length, row: (index) => PAYMENTS[index] as SourceRow },
  refunds: { columns: COLUMNS, rows: 0, row: () => [] },
  archive: { columns: COLUMNS, rows: LARGE, row: (index) => [String(index), `${index}.25`, 'x'.repeat(200), null] },
};

let openCursors = 0;

/** How many reads are under way: the tests look whether any is forgotten. */
export const cursorsOpen = () => openCursors;

/** One session at the source. */
export class SourceClient {
  constructor(private readonly settings: { host: string; token: string }) {}

  /** Rejects with NO_ANSWER where the host is not there. */
  async ping(signal: AbortSignal): Promise<void> {
    await sleep(0, undefined, { signal });
    if (this.settings.host !== 'demo') throw new SourceFault('NO_ANSWER');
  }

  async logIn(signal: AbortSignal): Promise<void> {
    await this.ping(signal);
    if (this.settings.token !== 'demo-token') throw new SourceFault('TOKEN_REFUSED');
  }

  async tableNames(signal: AbortSignal): Promise<string[]> {
    await this.logIn(signal);
    return Object.keys(tables);
  }

  async table(name: string, signal: AbortSignal): Promise<SourceTable> {
    await this.logIn(signal);
    const found = Object.hasOwn(tables, name) ? tables[name] : undefined;
    if (!found) throw new SourceFault('NO_SUCH_TABLE');
    return found;
  }

  /** Pages of rows from `from` up to, not including, `to`. The next page is fetched when it is asked for, not before. */
  async *rows(name: string, from: number, to: number, signal: AbortSignal): AsyncGenerator<SourceRow[]> {
    const found = Object.hasOwn(tables, name) ? tables[name] : undefined;
    if (!found) throw new SourceFault('NO_SUCH_TABLE');
    openCursors += 1;
    try {
      for (let start = from; start < to; start += PAGE_ROWS) {
        await sleep(0, undefined, { signal });
        yield Array.from({ length: Math.min(PAGE_ROWS, to - start) }, (_, index) => found.row(start + index));
      }
    } finally {
      // Also where the reader leaves early: `return()` on the iterator comes here.
      openCursors -= 1;
    }
  }
}

const PAGE_ROWS = 2_000;
