import { randomBytes } from 'node:crypto';
import type { BigQueryConfig } from '../config.ts';
import { BigQueryConnection } from '../connection.ts';
import { startFront, type Front } from '../../../../../testing/bigquery-front.ts';

export { calm, eventually, readAll } from '@kalla/testkit';

/** A dataset of its own on the real part, behind a front of its own, so that test files do not meet. */
export interface TestProject extends AsyncDisposable {
  dataset: string;
  config: BigQueryConfig;
  front: Front;
  /** Runs a statement. `@@` stands for the dataset. */
  sql(text: string): Promise<void>;
  connect(changes?: Partial<BigQueryConfig>): BigQueryConnection;
  /** Queries of this front that are at work now; other test files have theirs on the same server. */
  runningJobs(): Promise<number>;
}

const PROJECT = 'kalla-test';

export async function createTestProject(url: string): Promise<TestProject> {
  const grpc = process.env['KALLA_TEST_BIGQUERY_GRPC'];
  if (!grpc)
    throw new Error(
      'KALLA_TEST_BIGQUERY_GRPC (host and port of the Storage Read API) goes with KALLA_TEST_BIGQUERY_URL.',
    );
  const front = await startFront({ url, grpc });
  const dataset = `kalla_${randomBytes(5).toString('hex')}`;
  const api = `${url}/bigquery/v2/projects/${PROJECT}`;
  await call(`${api}/datasets`, 'POST', {
    datasetReference: { projectId: PROJECT, datasetId: dataset },
    location: 'US',
  });
  const config: BigQueryConfig = {
    project: PROJECT,
    dataset,
    credentials: { kind: 'service-account', key: front.key },
    endpoint: front.url,
    storage_endpoint: front.grpc,
    connect_timeout: 10,
  };
  return {
    dataset,
    config,
    front,
    sql: async (text) => {
      const body = { query: text.replaceAll('@@', dataset), useLegacySql: false, timeoutMs: 120_000 };
      await call(`${api}/queries`, 'POST', body);
    },
    connect: (changes = {}) => new BigQueryConnection({ ...config, ...changes }),
    runningJobs: async () => {
      const answer = (await call(`${api}/jobs?stateFilter=running&stateFilter=pending`, 'GET')) as {
        jobs?: Array<{ jobReference: { jobId: string } }>;
      };
      const ours = ({ jobReference: { jobId } }: { jobReference: { jobId: string } }) =>
        front.calls.some((path) => path.includes(jobId));
      return (answer.jobs ?? []).filter(ours).length;
    },
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await call(`${api}/datasets/${dataset}?deleteContents=true`, 'DELETE');
    },
  };
}

async function call(url: string, method: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text.slice(0, 500)}`);
  return text ? JSON.parse(text) : null;
}
