import { performance } from 'node:perf_hooks';
import { BigQueryReadClient } from '@google-cloud/bigquery-storage';
import { PassThroughClient } from 'google-auth-library';
import { grpc } from 'google-gax';
import type { TaskOutput } from '../measure.ts';

export interface BigQueryDrainInput {
  project: string;
  /** Host and port of the Storage Read API. */
  grpc: string;
  table: string;
}

/** As many streams at once as the worker reads. */
const READERS = 2;

/** The least that any reader has to do: take every message of every stream, and throw it away. */
export async function bigqueryDrain({ project, grpc: address, table }: BigQueryDrainInput): Promise<TaskOutput> {
  const [host = '', port = ''] = address.split(':');
  const start = performance.now();
  const client = new BigQueryReadClient({
    projectId: project,
    apiEndpoint: host,
    port: Number(port),
    sslCreds: grpc.credentials.createInsecure(),
    authClient: new PassThroughClient() as never,
  });
  const [session] = await client.createReadSession({
    parent: `projects/${project}`,
    maxStreamCount: 8,
    readSession: { table: `projects/${project}/datasets/scratch/tables/${table}`, dataFormat: 'ARROW' },
  });
  const pending = (session.streams ?? []).map(({ name }) => name ?? '');
  let rows = 0;
  const drain = async () => {
    for (let stream = pending.shift(); stream !== undefined; stream = pending.shift()) {
      const answers = client.readRows({ readStream: stream, offset: 0 }, { retry: null });
      for await (const answer of answers as AsyncIterable<{ rowCount?: unknown }>) rows += Number(answer.rowCount ?? 0);
    }
  };
  await Promise.all(Array.from({ length: READERS }, drain));
  await client.close();
  return { ms: performance.now() - start, rows };
}
