import {
  ConnectorError,
  type Batch,
  type CheckStep,
  type Connection,
  type ConnectorLog,
  type Operation,
  type Page,
  type ReadPlan,
  type ReadRequest,
  type Split,
  type TableInfo,
  type TableQuery,
  type TableRef,
} from '@kalla/core';
import { checkConnection } from './check.ts';
import { Server } from './client.ts';
import type { ElasticsearchConfig } from './config.ts';
import { Moments } from './moments.ts';
import { lookUp, planRead, type ElasticsearchPlan } from './plan.ts';
import { readSplit } from './read.ts';
import { listTables } from './tables.ts';

export interface ElasticsearchConnectionOptions {
  /** Rows from which a table is read in several slices; for tests. */
  splitRows?: number;
}

/** An Elasticsearch server. Reads happen at one point in time, which is kept only while something is read. */
export class ElasticsearchConnection implements Connection {
  readonly #server: Server;
  readonly #moments: Moments;
  readonly #options: ElasticsearchConnectionOptions;

  constructor(config: ElasticsearchConfig, log: ConnectorLog, options: ElasticsearchConnectionOptions = {}) {
    this.#server = new Server(config);
    this.#moments = new Moments(this.#server, log);
    this.#options = options;
  }

  check(operation: Operation): AsyncIterable<CheckStep> {
    return checkConnection(this.#server, operation);
  }

  listTables(query: TableQuery, operation: Operation): Promise<Page<TableRef>> {
    return listTables(this.#server, query, operation);
  }

  async describe(table: string | undefined, operation: Operation): Promise<TableInfo> {
    const { found, mapping, columns, notes } = await lookUp(this.#server, table, operation);
    // With a routing of its own choosing two documents of an index may have the same id.
    const key = mapping.isRouted ? null : found.isSingle ? ['_id'] : ['_index', '_id'];
    return {
      table: found.ref,
      columns: columns.map(({ info }) => info),
      primaryKey: key,
      keyCandidates: key ? [key] : [],
      rowCount: null,
      notes,
    };
  }

  plan(request: ReadRequest, operation: Operation): Promise<ElasticsearchPlan> {
    return planRead(this.#server, request, operation, this.#options.splitRows);
  }

  read(plan: ReadPlan, split: Split, operation: Operation): AsyncIterable<Batch> {
    if (!isElasticsearchPlan(plan))
      throw new ConnectorError('bug', 'This plan was not made by the Elasticsearch connector.');
    return readSplit(this.#server, this.#moments, plan, split, operation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#moments[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

function isElasticsearchPlan(plan: ReadPlan): plan is ElasticsearchPlan {
  return 'elasticsearch' in plan;
}
