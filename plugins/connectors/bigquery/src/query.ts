import { randomUUID } from 'node:crypto';
import { ConnectorError, throwIfAborted, type Operation } from '@kalla/core';
import type { FoundTable } from './catalog.ts';
import type { BigQueryConfig } from './config.ts';
import { quoteName } from './filter.ts';
import type { Rest } from './rest.ts';
import type { PlannedColumn } from './types.ts';

/** The server answers a poll after so long at the latest. */
const POLL_MS = 1_500;
/** For telling the server to stop: it must not hold up the end of a cancelled read. */
const STOP_MS = 1_500;

/** Types of tables that no Storage Read session and no list of rows can read. */
const NEEDS_QUERY = /^(VIEW|MATERIALIZED_VIEW|EXTERNAL)$/;

export function needsQuery({ type }: FoundTable): boolean {
  return NEEDS_QUERY.test(type);
}

/**
 * The statement that reads a view.
 *
 * @example SELECT `id`, `amount` FROM `acme.ledger.open` WHERE `amount` >= NUMERIC '10' LIMIT 50
 */
export function selectFrom(
  table: FoundTable,
  columns: readonly PlannedColumn[],
  where: string | null,
  limit: number | null,
): string {
  const names = columns.map(({ field }) => quoteName(field.name)).join(', ');
  const from = quoteName(`${table.project}.${table.dataset}.${table.table}`);
  return `SELECT ${names} FROM ${from}${where === null ? '' : ` WHERE ${where}`}${limit === null ? '' : ` LIMIT ${limit}`}`;
}

interface Job {
  statistics?: { totalBytesProcessed?: string; query?: { totalBytesProcessed?: string } };
  configuration?: { query?: { destinationTable?: ResultTable } };
}

/** Where BigQuery put the result of a query: a table that is ours alone and goes after a day. */
export interface ResultTable {
  projectId: string;
  datasetId: string;
  tableId: string;
}

/** Runs queries in the project that pays. */
export class Queries {
  readonly #rest: Rest;
  readonly #path: string;

  constructor(rest: Rest, config: BigQueryConfig) {
    this.#rest = rest;
    this.#path = `/projects/${encodeURIComponent(config.billing_project ?? config.project)}`;
  }

  /** Bytes that a query would go through, without running it; null where BigQuery does not say. */
  async estimate(sql: string, table: FoundTable, operation: Operation): Promise<number | null> {
    const job = await this.#rest.call<Job>(
      {
        method: 'POST',
        path: `${this.#path}/jobs`,
        body: {
          ...reference(table),
          configuration: { dryRun: true, query: { query: sql, useLegacySql: false, useQueryCache: false } },
        },
        table: table.id,
      },
      operation,
    );
    const bytes = Number(job.statistics?.totalBytesProcessed ?? job.statistics?.query?.totalBytesProcessed ?? 0);
    return bytes > 0 ? bytes : null;
  }

  /** Runs a query and returns where its result is. When the signal aborts, the job is cancelled on the server. */
  async run(sql: string, table: FoundTable, operation: Operation): Promise<ResultTable> {
    const { signal } = operation;
    throwIfAborted(signal);
    const jobId = `kalla_${randomUUID()}`;
    const query = { location: table.location ?? undefined };
    let isDone = false;
    try {
      await this.#rest.call(
        {
          method: 'POST',
          path: `${this.#path}/jobs`,
          body: {
            jobReference: { jobId, ...reference(table).jobReference },
            configuration: { query: { query: sql, useLegacySql: false } },
          },
          table: table.id,
          again: false,
        },
        operation,
      );
      for (let answer: { jobComplete?: boolean } = {}; !answer.jobComplete;) {
        answer = await this.#rest.call(
          {
            path: `${this.#path}/queries/${jobId}`,
            query: { ...query, maxResults: 0, timeoutMs: POLL_MS },
            table: table.id,
            patienceMs: POLL_MS,
          },
          operation,
        );
      }
      isDone = true;
      const job = await this.#rest.call<Job>(
        { path: `${this.#path}/jobs/${jobId}`, query, table: table.id },
        operation,
      );
      const destination = job.configuration?.query?.destinationTable;
      if (!destination) throw new ConnectorError('bug', 'BigQuery did not say where the result of the query is.');
      return destination;
    } finally {
      if (!isDone) await this.#stop(jobId, query.location);
    }
  }

  /** Tells the server to stop a job, also one whose start is still on its way to it. */
  async #stop(jobId: string, location: string | undefined): Promise<void> {
    const signal = AbortSignal.timeout(STOP_MS);
    while (!signal.aborted) {
      try {
        await this.#rest.call(
          { method: 'POST', path: `${this.#path}/jobs/${jobId}/cancel`, query: { location }, body: {} },
          { signal },
        );
        return;
      } catch (error) {
        // It failed, or never came to be, or the server is gone: the error that ended the query is the one to tell.
        if (!ConnectorError.is(error) || error.kind !== 'not-found') return;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }
}

function reference({ location }: FoundTable): { jobReference?: { location: string } } {
  return location === null ? {} : { jobReference: { location } };
}
