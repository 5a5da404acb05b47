import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBigQuery, startBigQuery } from '../scripts/parts/bigquery.mjs';
import { findElasticsearch, startElasticsearch } from '../scripts/parts/elasticsearch.mjs';
import { findPostgres, startPostgres } from '../scripts/parts/postgres.mjs';
import { findVerdaccio, startVerdaccio } from '../scripts/parts/verdaccio.mjs';
import { findChromium } from './find-chromium.ts';
import { lazyPart, type StartedPart } from './lazy-part.ts';

/**
 * Starts the real parts that are installed here and not given by a variable, and says by variables where they are; the
 * test processes inherit them. A part that is not here stays unset: `require-part.ts` then skips or fails its tests. In the
 * folder `KALLA_TEST_MADE` a test leaves for the next ones what takes long to make.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const started: Array<() => Promise<void>> = [];
  const stopAll = async () => {
    await Promise.all(started.splice(0).map((stop) => stop()));
  };
  try {
    const chromium = findChromium();
    if (chromium) process.env.KALLA_TEST_CHROMIUM = chromium;
    const made = mkdtempSync(join(tmpdir(), 'kalla-test-made-'));
    started.push(async () => rmSync(made, { recursive: true, force: true }));
    process.env.KALLA_TEST_MADE = made;
    if (!process.env.KALLA_TEST_ELASTICSEARCH_URL && findElasticsearch())
      process.env.KALLA_TEST_ELASTICSEARCH_URL = await lazily(started, () => startElasticsearch());
    const plain = !process.env.KALLA_TEST_POSTGRES_URL;
    const tls = !process.env.KALLA_TEST_POSTGRES_TLS_URL;
    if (!process.env.KALLA_TEST_NPM_REGISTRY && findVerdaccio())
      process.env.KALLA_TEST_NPM_REGISTRY = await lazily(started, () => startVerdaccio());
    const bigQuery = !process.env.KALLA_TEST_BIGQUERY_URL && findBigQuery();
    await Promise.all([
      bigQuery && startBig(started),
      ...(findPostgres() ? [plain && startPlain(started), tls && startTls(started)] : []),
    ]);
  } catch (error) {
    await stopAll();
    throw error;
  }
  return stopAll;
}

/** REST is at `KALLA_TEST_BIGQUERY_URL`; `KALLA_TEST_BIGQUERY_GRPC` is the host and port of the Storage Read API. */
async function startBig(started: Array<() => Promise<void>>): Promise<void> {
  const server = await startBigQuery();
  started.push(() => server.stop());
  process.env.KALLA_TEST_BIGQUERY_URL = server.url;
  process.env.KALLA_TEST_BIGQUERY_GRPC = server.grpc;
}

/** The address of a part that speaks HTTP and is started by the first test that asks. */
async function lazily(started: Array<() => Promise<void>>, start: () => Promise<StartedPart>): Promise<string> {
  const part = await lazyPart(start);
  started.push(() => part.stop());
  return `http://127.0.0.1:${part.port}`;
}

async function startPlain(started: Array<() => Promise<void>>): Promise<void> {
  const server = await startPostgres();
  started.push(() => server.stop());
  process.env.KALLA_TEST_POSTGRES_URL = server.url;
}

/** The server's own certificate goes to a file that `KALLA_TEST_POSTGRES_TLS_CA` names. */
async function startTls(started: Array<() => Promise<void>>): Promise<void> {
  const server = await startPostgres({ tls: true });
  started.push(() => server.stop());
  const folder = mkdtempSync(join(tmpdir(), 'kalla-test-ca-'));
  started.push(async () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'ca.pem');
  writeFileSync(file, server.certificate ?? '');
  process.env.KALLA_TEST_POSTGRES_TLS_CA = file;
  process.env.KALLA_TEST_POSTGRES_TLS_URL = server.url;
}
