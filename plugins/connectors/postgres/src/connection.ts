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
import { findTable, listTables, readKeys, toTableRef } from './catalog.ts';
import { checkConnection } from './check.ts';
import type { PostgresConfig } from './config.ts';
import { planRead, type PostgresPlan } from './plan.ts';
import { readSplit } from './read.ts';
import { planColumns } from './select.ts';
import { withSession } from './session.ts';
import { SharedSnapshots } from './shared-snapshots.ts';

export interface PostgresConnectionOptions {
  /** Pages of 8 kB from which a table is read in several splits; for tests. */
  splitPages?: number;
}

/**
 * A PostgreSQL database. Each call opens a session, works in one read-only transaction, and closes it: no session is left
 * idle on a server whose connections are counted.
 */
export class PostgresConnection implements Connection {
  readonly #config: PostgresConfig;
  readonly #options: PostgresConnectionOptions;
  readonly #snapshots: SharedSnapshots;

  constructor(config: PostgresConfig, options: PostgresConnectionOptions = {}) {
    this.#config = config;
    this.#options = options;
    this.#snapshots = new SharedSnapshots(config);
  }

  check(operation: Operation): AsyncIterable<CheckStep> {
    return checkConnection(this.#config, operation);
  }

  listTables(query: TableQuery, operation: Operation): Promise<Page<TableRef>> {
    return withSession(this.#config, operation, (session) => listTables(session, query));
  }

  describe(table: string | undefined, operation: Operation): Promise<TableInfo> {
    return withSession(this.#config, operation, async (session) => {
      const relation = await findTable(session, table);
      const { columns, notes } = await planColumns(session, relation);
      const { primary, unique } = await readKeys(session, relation);
      const names = new Set(columns.map(({ info }) => info.name));
      const readable = (key: string[]) => key.every((name) => names.has(name));
      return {
        table: toTableRef(relation),
        columns: columns.map(({ info }) => info),
        primaryKey: primary && readable(primary) ? primary : null,
        keyCandidates: unique.filter(readable),
        rowCount: null,
        notes,
      };
    });
  }

  plan(request: ReadRequest, operation: Operation): Promise<PostgresPlan> {
    return withSession(this.#config, operation, (session) => planRead(session, request, this.#options.splitPages));
  }

  read(plan: ReadPlan, split: Split, operation: Operation): AsyncIterable<Batch> {
    if (!isPostgresPlan(plan)) throw new ConnectorError('bug', 'This plan was not made by the PostgreSQL connector.');
    return readSplit(this.#config, this.#snapshots, plan, split, operation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#snapshots[Symbol.asyncDispose]();
  }
}

function isPostgresPlan(plan: ReadPlan): plan is PostgresPlan {
  return 'postgres' in plan;
}
