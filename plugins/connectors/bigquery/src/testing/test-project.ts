import { randomBytes } from 'node:crypto';
import type { BigQueryConfig } from '../config.ts';
import { BigQueryConnection } from '../connection.ts';
import { createDataset } from '../../../../../testing/bigquery-dataset.ts';
import { startFront, type Front } from '../../../../../testing/bigquery-front.ts';
import { callJson } from '../../../../../testing/call-json.ts';

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

export async function createTestProject(url: string): Promise<TestProject> {
  const grpc = process.env['KALLA_TEST_BIGQUERY_GRPC'];
  if (!grpc)
    throw new Error(
      'KALLA_TEST_BIGQUERY_GRPC (host and port of the Storage Read API) goes with KALLA_TEST_BIGQUERY_URL.',
    );
  const front = await startFront({ url, grpc });
  const { project, dataset, api, sql, stop } = await createDataset(url, `kalla_${randomBytes(5).toString('hex')}`);
  const config: BigQueryConfig = {
    project,
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
    sql,
    connect: (changes = {}) => new BigQueryConnection({ ...config, ...changes }),
    runningJobs: async () => {
      const answer = await callJson<{ jobs?: Array<{ jobReference: { jobId: string } }> }>(
        'GET',
        `${api}/jobs?stateFilter=running&stateFilter=pending`,
      );
      const ours = ({ jobReference: { jobId } }: { jobReference: { jobId: string } }) =>
        front.calls.some((path) => path.includes(jobId));
      return (answer.jobs ?? []).filter(ours).length;
    },
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await stop();
    },
  };
}
