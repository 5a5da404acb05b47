import {
  ConnectorError,
  throwIfAborted,
  type Batch,
  type CheckStep,
  type CheckStepName,
  type Connection,
  type Operation,
  type Page,
  type ReadPlan,
  type ReadRequest,
  type Split,
  type TableInfo,
  type TableQuery,
  type TableRef,
} from '@kalla/core';
import type { Config } from './config.ts';
import { explain, explained } from './errors.ts';
import { readSplit, splitOf } from './read.ts';
import { SourceClient } from './source.ts';
import { columnOf, notesOf } from './types.ts';

const refOf = (name: string): TableRef => ({ id: name, name, kind: 'table' });

/** A connection to My source. Nothing is reached before the first call. */
export class SourceConnection implements Connection {
  readonly #client: SourceClient;

  constructor(config: Config) {
    this.#client = new SourceClient(config);
  }

  /** Four steps in words; after the first that fails there is no other. */
  async *check({ signal }: Operation): AsyncIterable<CheckStep> {
    const client = this.#client;
    const steps: [CheckStepName, message: string, () => Promise<unknown>][] = [
      ['reach', 'My source answers.', () => client.ping(signal)],
      ['authenticate', 'The token is accepted.', () => client.logIn(signal)],
      ['authorise', 'The tables can be listed.', () => client.tableNames(signal)],
      ['read', 'A table can be read.', async () => this.#table((await client.tableNames(signal))[0], signal)],
    ];
    for (const [step, message, run] of steps) {
      const began = performance.now();
      const took = () => Math.round(performance.now() - began);
      try {
        await run();
      } catch (error) {
        const known = explain(error);
        if (!ConnectorError.is(known) || known.kind === 'cancelled') throw known;
        const hint = known.hint ?? 'Look at the settings.';
        yield { step, ok: false, ms: took(), message: known.message, hint };
        return;
      }
      yield { step, ok: true, ms: took(), message };
    }
  }

  /** A page of tables; `cursor` is the place of the next one. */
  async listTables({ q, cursor, limit = 100 }: TableQuery, { signal }: Operation): Promise<Page<TableRef>> {
    const all = await explained(() => this.#client.tableNames(signal));
    const found = all.filter((name) => !q || name.toLowerCase().includes(q.toLowerCase()));
    const from = Number(cursor ?? 0);
    const items = found.slice(from, from + limit).map(refOf);
    return { items, next: from + limit < found.length ? String(from + limit) : null };
  }

  /** Every column before any row, also of an empty table. */
  async describe(table: string | undefined, { signal }: Operation): Promise<TableInfo> {
    const { name, columns, rows } = await this.#table(table, signal);
    return {
      table: refOf(name),
      columns: columns.map(columnOf),
      // Say it only where the source itself guarantees it. Kalla proves any other key on the rows.
      primaryKey: null,
      keyCandidates: [],
      rowCount: rows,
      notes: notesOf(columns),
    };
  }

  /** What the source does itself. Here it applies no condition, so each is left over and Kalla applies it. */
  async plan({ table, columns, filter = [], limit }: ReadRequest, { signal }: Operation): Promise<ReadPlan> {
    const found = await this.#table(table, signal);
    const all = found.columns.map(columnOf);
    const places = (columns ?? all.map(({ name }) => name)).map((wanted) => {
      const place = all.findIndex(({ name }) => name === wanted);
      if (place < 0)
        throw new ConnectorError('schema-changed', `The column "${wanted}" is no longer in ${found.name}.`);
      return place;
    });
    // The limit counts the rows that the conditions keep, so it cannot be applied where one is left over.
    const rows = filter.length > 0 ? found.rows : Math.min(found.rows, limit ?? found.rows);
    return {
      columns: places.map((place) => all[place]!),
      residual: filter,
      splits: [splitOf({ table: found.name, places, from: 0, to: rows })],
      estimate: { rows, bytes: null },
      snapshot: true,
      notes: notesOf(found.columns),
    };
  }

  async *read(plan: ReadPlan, split: Split, { signal }: Operation): AsyncIterable<Batch> {
    throwIfAborted(signal);
    yield* readSplit(this.#client, plan.columns, split, signal);
  }

  /** Closes what is open. The source in memory keeps nothing between two calls. */
  async [Symbol.asyncDispose](): Promise<void> {}

  async #table(name: string | undefined, signal: AbortSignal) {
    if (name === undefined)
      throw new ConnectorError('config', 'No table is chosen.', { field: 'table', hint: 'Choose one of the list.' });
    return { name, ...(await explained(() => this.#client.table(name, signal))) };
  }
}
