import {
  ConnectorError,
  type Batch,
  type CheckStep,
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
import { findTable, listTables, toTableRef } from './catalog.ts';
import { checkConnection } from './check.ts';
import type { BigQueryConfig } from './config.ts';
import { signIn, type Identity } from './credentials.ts';
import { planColumns, planRead, type BigQueryPlan, type Tools } from './plan.ts';
import { needsQuery, Queries, selectFrom } from './query.ts';
import { reach } from './reach.ts';
import { readSplit } from './read.ts';
import { Rest } from './rest.ts';
import { Storage, storageAddress } from './storage.ts';

/** A project of BigQuery. Nothing is reached or signed before the first call; the one gRPC channel closes with the connection. */
export class BigQueryConnection implements Connection {
  readonly #config: BigQueryConfig;
  #reached: Promise<string> | undefined;
  #opened: (Tools & { identity: Identity }) | undefined;

  constructor(config: BigQueryConfig) {
    this.#config = config;
  }

  check(operation: Operation): AsyncIterable<CheckStep> {
    return checkConnection(
      {
        config: this.#config,
        reach: () => reach(this.#config, operation),
        open: () => this.#tools(operation),
      },
      operation,
    );
  }

  async listTables(query: TableQuery, operation: Operation): Promise<Page<TableRef>> {
    const { rest } = await this.#tools(operation);
    return listTables(rest, this.#config, query, operation);
  }

  async describe(table: string | undefined, operation: Operation): Promise<TableInfo> {
    const { rest, queries } = await this.#tools(operation);
    const found = await findTable(rest, this.#config, table, operation);
    const { columns, notes } = planColumns(found, this.#config);
    const bytes = needsQuery(found)
      ? await queries.estimate(selectFrom(found, columns, null, null), found, operation)
      : found.bytes;
    return {
      table: toTableRef(found),
      columns: columns.map(({ info }) => info),
      // BigQuery does not enforce the key that it was told: it is a wish, which the caller proves.
      primaryKey: found.primaryKey,
      keyCandidates: [],
      rowCount: null,
      estimate: { rows: found.rows, bytes },
      notes,
    };
  }

  async plan(request: ReadRequest, operation: Operation): Promise<BigQueryPlan> {
    return planRead(await this.#tools(operation), request, operation);
  }

  async *read(plan: ReadPlan, split: Split, operation: Operation): AsyncGenerator<Batch, void, void> {
    if (!isBigQueryPlan(plan)) throw new ConnectorError('bug', 'This plan was not made by the BigQuery connector.');
    yield* readSplit(await this.#tools(operation), plan, split, operation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened?.storage?.[Symbol.asyncDispose]();
    this.#opened = undefined;
  }

  async #tools(operation: Operation): Promise<Tools & { identity: Identity }> {
    this.#reached ??= reach(this.#config, operation);
    try {
      await this.#reached;
    } catch (error) {
      this.#reached = undefined;
      throw error;
    }
    if (this.#opened) return this.#opened;
    const identity = await signIn(this.#config);
    const config = this.#config;
    const rest = new Rest(config, identity);
    const address = storageAddress(config);
    const storage = address && new Storage(config, identity, address);
    return (this.#opened ??= { config, identity, rest, queries: new Queries(rest, config), storage });
  }
}

function isBigQueryPlan(plan: ReadPlan): plan is BigQueryPlan {
  return 'bigquery' in plan;
}
