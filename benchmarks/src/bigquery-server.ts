import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const PART = join(import.meta.dirname, '../../scripts/parts/bigquery.mjs');

/** A BigQuery for the benchmarks: an emulator that lets everyone in. */
export interface BenchBigQuery extends AsyncDisposable {
  /** REST, without a slash at its end. */
  url: string;
  /** Storage Read API: host and port. */
  grpc: string;
  project: string;
}

/**
 * The emulator named by KALLA_TEST_BIGQUERY_URL and KALLA_TEST_BIGQUERY_GRPC, else one of our own, which ends with the
 * benchmarks and leaves nothing behind. Throws a sentence where it is not installed.
 */
export async function openBigQuery(): Promise<BenchBigQuery> {
  const project = 'kalla-test';
  const { KALLA_TEST_BIGQUERY_URL: url, KALLA_TEST_BIGQUERY_GRPC: grpc } = process.env;
  if (url && grpc) return { url, grpc, project, async [Symbol.asyncDispose]() {} };
  const child = spawn(process.execPath, [PART, 'start'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [printed, said] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  const ended = once(child, 'close');
  const address = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (printed.includes('\n')) resolve(printed.trim());
    });
    child.once('close', () => reject(new Error(`The emulator of BigQuery did not start: ${said.trim()}`)));
  });
  const [rest = '', storage = ''] = (await address).split(' ');
  return {
    url: rest,
    grpc: storage,
    project,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Runs a statement and waits for its end. */
export async function queryBigQuery({ url, project }: BenchBigQuery, query: string): Promise<void> {
  const response = await fetch(`${url}/bigquery/v2/projects/${project}/queries`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, useLegacySql: false, timeoutMs: 600_000 }),
  });
  if (!response.ok) throw new Error(`The emulator of BigQuery answered ${response.status}: ${await response.text()}`);
}
