import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CheckStep } from '@kalla/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from './config.ts';
import { BigQueryConnection } from './connection.ts';
import { toConnectorError } from './errors.ts';

describe('an address at which BigQuery is not', () => {
  let server: Server;
  let address: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      // As Google's own front and as a web server in front of an API say it.
      if (request.url?.startsWith('/page/'))
        response
          .writeHead(404, { 'content-type': 'text/html' })
          .end(`<!DOCTYPE html><p>The requested URL <code>${request.url}</code> was not found on this server.`);
      else response.writeHead(404, { 'content-type': 'application/json' }).end('{"detail":"Not Found"}');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server?.close());

  it.each(['', '/bigquery/v2', '/page'])('is named in the check, and no table: %j', async (path) => {
    for (const dataset of [undefined, 'books']) {
      const config = { project: 'kalla-test', credentials: { kind: 'none' }, endpoint: `${address}${path}`, dataset };
      await using connection = new BigQueryConnection(configSchema.parse(config));
      const steps: CheckStep[] = [];
      for await (const step of connection.check({ signal: new AbortController().signal })) steps.push(step);
      expect(steps.at(-1)).toMatchObject({
        ok: false,
        message: `Nothing of BigQuery is at ${address}${path}.`,
        hint: expect.stringContaining('"Other address"'),
      });
    }
  });

  it('is not what BigQuery itself does not find', () => {
    const config = configSchema.parse({
      project: 'kalla-test',
      credentials: { kind: 'none' },
      endpoint: 'http://127.0.0.1:1',
    });
    const said = (message: string) =>
      toConnectorError({ code: 404, errors: [{ reason: 'notFound', message }] }, { config }).message;
    expect(said('Not found: Project kalla-test')).toBe('There is no project "kalla-test".');
    expect(said('Not found: Dataset kalla-test:books')).toMatch(/^The dataset is not there/);
    expect(said('Not found: Job kalla_1')).toBe('BigQuery did not find what was asked for: Not found: Job kalla_1.');
  });
});
