import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckStep, ConnectorError } from '@kalla/core';
import { startFront } from '../../../../scripts/parts/elasticsearch.mjs';
import { isNextPage, opensMoment, startElasticsearchFront } from '../../../../testing/elasticsearch-front.ts';
import { describeWith } from '../../../../testing/require-part.ts';
import { configSchema } from './config.ts';
import { ElasticsearchConnection } from './connection.ts';
import { calm, createTestServer, eventually, readAll, type TestServer } from './testing/test-server.ts';

const KEY = 'VnVhQ2ZHY0JDZGJrU=';

async function stepsOf(connection: ElasticsearchConnection): Promise<CheckStep[]> {
  const steps: CheckStep[] = [];
  for await (const step of connection.check(calm())) steps.push(step);
  return steps;
}

function connectTo(config: object): ElasticsearchConnection {
  return new ElasticsearchConnection(configSchema.parse(config), { debug: () => undefined, warn: () => undefined });
}

/** A server that answers as it is told, on a port of its own. */
async function answering(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a server that is not Elasticsearch 8 or 9', () => {
  const json = { 'content-type': 'application/json' };
  const opensearch = { version: { distribution: 'opensearch', number: '2.11.0' }, tagline: 'The OpenSearch Project' };
  const old = { version: { number: '7.17.9' }, tagline: 'You Know, for Search' };
  it.each([
    ['OpenSearch', 200, json, JSON.stringify(opensearch), 'config', 'is OpenSearch 2.11.0, not Elasticsearch.'],
    [
      'a web page',
      200,
      { 'content-type': 'text/html' },
      '<h1>Hello</h1>',
      'config',
      'as a web page and not as Elasticsearch.',
    ],
    ['a web page that is not there', 404, { 'content-type': 'text/html' }, '', 'config', 'as a web page'],
    ['Kibana', 200, { 'kbn-name': 'kibana' }, '', 'config', 'is Kibana, not Elasticsearch.'],
    [
      'an old one',
      200,
      { ...json, 'x-elastic-product': 'Elasticsearch' },
      JSON.stringify(old),
      'config',
      'is Elasticsearch 7.17.9, which is too old.',
    ],
    [
      'a proxy without a server',
      502,
      { 'content-type': 'text/html' },
      '',
      'transient',
      'Elasticsearch behind it does not.',
    ],
  ])('is named: %s', async (_, status, headers, body, _kind, sentence) => {
    await using server = await answering((_request, response) => {
      response.writeHead(status, headers as Record<string, string>).end(body);
    });
    await using connection = connectTo({ server: server.url, auth: { kind: 'none' } });
    const [step, ...others] = await stepsOf(connection);
    expect(others).toEqual([]);
    expect(step).toMatchObject({ step: 'reach', ok: false, message: expect.stringContaining(sentence) });
    expect(step?.hint).toBeTruthy();
  });

  it('is given up after the time that was set, and on abort at once', async () => {
    await using server = await answering(() => undefined);
    await using connection = connectTo({ server: server.url, auth: { kind: 'none' }, timeout: 1 });
    expect(await stepsOf(connection)).toMatchObject([{ ok: false, message: expect.stringContaining('within 1 s') }]);
    const stop = new AbortController();
    const listing = connection.listTables({}, { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(listing).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('gets no compatible-with, which servers of another version refuse', async () => {
    const seen: (string | undefined)[] = [];
    await using server = await answering(({ headers }, response) => {
      seen.push(headers.accept, headers['content-type'], headers.authorization);
      response
        .writeHead(200, { ...json, 'x-elastic-product': 'Elasticsearch' })
        .end('{"indices":[],"aliases":[],"data_streams":[]}');
    });
    await using connection = connectTo({ server: server.url, auth: { kind: 'api_key', api_key: KEY } });
    await connection.listTables({}, calm());
    expect(seen[0]).toBe('application/json');
    expect(seen[2]).toBe(`ApiKey ${KEY}`);
    expect(seen.join()).not.toContain('compatible-with');
  });
});

describeWith('elasticsearch', 'what can go wrong', (address) => {
  let server: TestServer;
  beforeAll(() => {
    server = createTestServer(address);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** The real server, with some of its answers changed on the way. */
  const between = (
    change: (path: string, body: Buffer, count: number) => { status?: number; body: string } | null,
    before: (body: string, count: number) => Promise<void> = () => Promise.resolve(),
  ) => {
    let count = 0;
    return answering(
      ({ method, url = '', headers }, response) => void pass(method!, url, headers['content-type'], response),
    );
    async function pass(method: string, url: string, type: string | undefined, response: ServerResponse) {
      const chunks: Buffer[] = [];
      for await (const chunk of response.req) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const at = url.startsWith('/_search') ? count++ : -1;
      if (at >= 0) await before(body.toString(), at);
      const real = await fetch(address + url, {
        method,
        ...(body.length ? { body, headers: { 'content-type': type ?? 'application/json' } } : {}),
      });
      const bytes = Buffer.from(await real.arrayBuffer());
      const changed = change(url, bytes, at);
      response.writeHead(changed?.status ?? real.status, {
        'content-type': 'application/json',
        'x-elastic-product': 'Elasticsearch',
      });
      response.end(changed?.body ?? bytes);
    }
  };

  async function many(name: string, count = 1500): Promise<string> {
    return server.index(
      name,
      { n: { type: 'long' } },
      Array.from({ length: count }, (_, n) => ({ n })),
    );
  }

  async function readThrough(url: string, table: string): Promise<ConnectorError | number> {
    await using connection = connectTo({ server: url, auth: { kind: 'none' } });
    const plan = await connection.plan({ table }, calm());
    return await readAll(connection, plan).then(
      (batches) => batches.reduce((rows, batch) => rows + batch.numRows, 0),
      (error: ConnectorError) => error,
    );
  }

  it('takes a page that lacks rows for an error: failed shards, a time-out, an end that is cut off, a page too few', async () => {
    const table = await many('partial');
    // As the server writes them when its queue is full, or a search is broken off: HTTP 200.
    const failed =
      '"_shards":{"total":3,"successful":2,"skipped":0,"failed":1,"failures":[{"shard":0,"index":"i","status":429,"reason":{"type":"es_rejected_execution_exception","reason":"rejected execution"}}]}';
    for (const [what, change, kind, sentence] of [
      [
        'shards',
        (text: string) => text.replace(/"_shards":\{[^}]*\}/, failed),
        'rate-limit',
        /1 of 3 parts of ".*" could not be read, so rows would be missing\. /,
      ],
      [
        'time-out',
        (text: string) => text.replace('"timed_out":false', '"timed_out":true'),
        'transient',
        /rows would be missing/,
      ],
      ['cut off', (text: string) => text.slice(0, -40), 'transient', /broke off/],
      [
        'too few',
        (text: string) => text.replace(/"hits":\[.*\]\}\}$/s, '"hits":[]}}'),
        'transient',
        /has 1500 documents here, and 500 were sent/,
      ],
    ] as const) {
      await using proxy = await between((_path, body, count) =>
        count === 1 ? { body: change(body.toString()) } : null,
      );
      const error = await readThrough(proxy.url, table);
      expect(error, what).toMatchObject({ kind, message: expect.stringMatching(sentence) });
    }
    await eventually(
      () => server.open(),
      (count) => count === 0,
    );
  });

  it('asks a busy server again, and says so when it stays busy', async () => {
    const table = await many('busy');
    const busy = {
      status: 429,
      body: '{"error":{"root_cause":[{"type":"circuit_breaking_exception","reason":"Data too large"}],"type":"x"},"status":429}',
    };
    await using once = await between((_path, _body, count) => (count === 1 ? busy : null));
    expect(await readThrough(once.url, table)).toBe(1500);
    await using always = await between((_path, _body, count) => (count >= 1 ? busy : null));
    expect(await readThrough(always.url, table)).toMatchObject({
      kind: 'rate-limit',
      retryAfterMs: 10_000,
      message: expect.stringContaining('Data too large'),
    });
    await eventually(
      () => server.open(),
      (count) => count === 0,
    );
  });

  it('says that the moment is over when the server has forgotten it in the middle', async () => {
    const table = await many('forgotten');
    await using proxy = await between(
      () => null,
      async (body, count) => {
        const { pit } = JSON.parse(body) as { pit: { id: string } };
        if (count === 1) await server.call('DELETE', '/_pit', { id: pit.id });
      },
    );
    expect(await readThrough(proxy.url, table)).toMatchObject({
      kind: 'transient',
      message: expect.stringContaining('no longer keeps the moment'),
    });
  });

  it('says that an index was deleted, closed or replaced in the middle', async () => {
    const changes: Array<[name: string, change: (table: string) => Promise<unknown>, kind: string, sentence: RegExp]> =
      [
        ['deleted', (table) => server.call('DELETE', `/${table}`), 'not-found', /was deleted while it was being read/],
        ['closed', (table) => server.call('POST', `/${table}/_close`), 'config', /was closed while it was being read/],
        [
          'replaced',
          async (table) => {
            await server.call('DELETE', `/${table}`);
            await server.call('PUT', `/${table}`, { mappings: { properties: { n: { type: 'long' } } } });
          },
          'transient',
          /was deleted or replaced while it was being read/,
        ],
      ];
    for (const [name, change, kind, sentence] of changes) {
      const table = await many(name);
      await using front = await startElasticsearchFront(address);
      void front.before(isNextPage, () => change(table));
      const error = await readThrough(front.url, table);
      expect(error, name).toMatchObject({ kind, message: expect.stringMatching(sentence) });
    }
  });

  it('finds what is changed in the moment before the read begins, instead of reading nothing in its place', async () => {
    const [one, two] = [
      await server.index('before', { a: { type: 'long' }, b: { type: 'keyword' } }, [{ a: 1, b: 'x' }]),
      await server.index('after', { a: { type: 'long' } }, [{ a: 1 }]),
    ];
    const alias = server.name('swapped');
    await server.call('POST', '/_aliases', { actions: [{ add: { index: one, alias } }] });
    const swap = { actions: [{ remove: { index: one, alias } }, { add: { index: two, alias } }] };
    await using front = await startElasticsearchFront(address);
    void front.before(opensMoment, () => server.call('POST', '/_aliases', swap));
    expect(await readThrough(front.url, alias)).toMatchObject({ kind: 'schema-changed', faults: [{ column: 'b' }] });
    await eventually(
      () => server.open(),
      (count) => count === 0,
    );
  });

  it('tells a missing, a closed and a blocked index apart, and names those that come near', async () => {
    const table = await server.index('ledger', { n: { type: 'long' } }, [{ n: 1 }]);
    await using connection = server.connect();
    const describing = (name: string) => connection.describe(name, calm());
    await expect(describing(server.name('ledgr'))).rejects.toMatchObject({
      kind: 'not-found',
      field: 'table',
      hint: expect.stringContaining(`Did you mean "${table}"`),
    });
    for (const name of ['_all', '_search', 'Ünknown', 'a/b', '-x', '..'])
      await expect(describing(name), name).rejects.toMatchObject({ kind: 'not-found' });
    await server.call('PUT', `/${table}/_settings`, { 'index.blocks.read': true });
    await expect(describing(table)).rejects.toMatchObject({
      kind: 'permission',
      message: expect.stringContaining('blocked'),
    });
    await server.call('PUT', `/${table}/_settings`, { 'index.blocks.read': false });
    await server.call('POST', `/${table}/_close`);
    await expect(describing(table)).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringContaining('closed'),
    });
  });

  it('says at the address that there is nothing at its path', async () => {
    await using connection = server.connect({ server: `${address}/some/path` });
    const steps = [];
    for await (const step of connection.check(calm())) steps.push(step);
    expect(steps.at(-1)).toMatchObject({
      ok: false,
      message: expect.stringContaining('not at its path'),
      hint: expect.stringContaining('what follows the port'),
    });
  });

  it('names what changed between planning and reading', async () => {
    const [one, two] = [
      await server.index('v1', { a: { type: 'long' }, b: { type: 'keyword' } }, [{ a: 1, b: 'x' }]),
      await server.index('v2', { a: { type: 'date' } }, [{ a: 1 }]),
    ];
    const alias = server.name('now');
    const point = (index: string) =>
      server.call('POST', '/_aliases', {
        actions: [{ remove: { index: server.name('v*'), alias, must_exist: false } }, { add: { index, alias } }],
      });
    await point(one);
    await using connection = server.connect();
    const plan = await connection.plan({ table: alias }, calm());
    const onlyA = await connection.plan({ table: alias, columns: ['a'] }, calm());
    await point(two);
    await expect(readAll(connection, plan)).rejects.toMatchObject({
      kind: 'schema-changed',
      faults: [{ column: 'b' }],
    });
    await expect(readAll(connection, onlyA)).rejects.toMatchObject({
      kind: 'schema-changed',
      message: expect.stringContaining('field "a" is defined in another way'),
    });
    await expect(connection.plan({ table: alias, columns: ['gone'] }, calm())).rejects.toMatchObject({
      kind: 'schema-changed',
    });
    await eventually(
      () => server.open(),
      (count) => count === 0,
    );
  });

  it('signs in with an API key over TLS, and says what is wrong with key, certificate or protocol', async () => {
    const front = await startFront({ upstream: Number(new URL(address).port), allowed: [`ApiKey ${KEY}`] });
    try {
      const good = { server: front.url, auth: { kind: 'api_key', api_key: KEY }, ca: front.certificate };
      const last = async (changes: object) => {
        await using connection = connectTo({ ...good, ...changes });
        return (await stepsOf(connection)).at(-1);
      };
      await server.index('signed', { n: { type: 'long' } }, [{ n: 1 }]);
      expect(await last({})).toMatchObject({ step: 'read', ok: true });
      const wrong = await last({ auth: { kind: 'api_key', api_key: 'wrong-key-4711' } });
      expect(wrong).toMatchObject({ step: 'authenticate', ok: false, message: 'The server refused the API key.' });
      expect(JSON.stringify(wrong)).not.toContain('wrong-key-4711');
      expect(await last({ auth: { kind: 'none' } })).toMatchObject({
        ok: false,
        message: 'The server asks for a sign-in.',
      });
      expect(await last({ ca: undefined })).toMatchObject({
        step: 'reach',
        ok: false,
        message: expect.stringContaining('not signed by an authority'),
      });
      expect(await last({ server: address.replace('http:', 'https:'), ca: undefined })).toMatchObject({
        step: 'reach',
        ok: false,
        message: expect.stringContaining('does not speak TLS'),
      });
      expect(await last({ server: front.url.replace('https:', 'http:') })).toMatchObject({ step: 'reach', ok: false });
      expect(await last({ server: 'https://no-such-host.invalid' })).toMatchObject({
        step: 'reach',
        message: 'No server named no-such-host.invalid was found.',
      });
    } finally {
      await front.stop();
    }
  });
});
