import { afterAll, beforeAll, expect, it } from 'vitest';
import { spellRows } from '@kalla/testkit';
import type { Batch, ColumnInfo } from '@kalla/core';
import { describeWith } from '../../../../testing/require-part.ts';
import { calm, createTestServer, eventually, readAll, type TestServer } from './testing/test-server.ts';

const cells = (batches: readonly Batch[], columns: readonly ColumnInfo[]) =>
  spellRows(
    batches,
    columns.map(({ type }) => type),
  );

describeWith('elasticsearch', 'reading Elasticsearch', (address) => {
  let server: TestServer;
  beforeAll(() => {
    server = createTestServer(address);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function rowsOf(table: string, request: object = {}, changes: object = {}) {
    await using connection = server.connect(changes);
    const plan = await connection.plan({ table, ...request }, calm());
    return { plan, rows: cells(await readAll(connection, plan), plan.columns) };
  }

  it('reads an alias, a data stream and a pattern over several indices, with the index in the key', async () => {
    const one = await server.index('part-1', { a: { type: 'integer' }, only: { type: 'keyword' } }, [
      { a: 1, only: 'x' },
    ]);
    const two = await server.index('part-2', { a: { type: 'long' } }, [{ a: 2 }]);
    await server.call('POST', '/_aliases', {
      actions: [one, two].map((index) => ({ add: { index, alias: server.name('both') } })),
    });
    await server.call('PUT', `/_index_template/${server.name('t')}`, {
      index_patterns: [server.name('stream*')],
      data_stream: {},
      template: { mappings: { properties: { '@timestamp': { type: 'date' }, n: { type: 'long' } } } },
    });
    await server.call('POST', `/${server.name('stream')}/_doc?op_type=create&refresh=true`, {
      '@timestamp': '2026-01-31T08:00:00Z',
      n: 7,
    });
    await using connection = server.connect();
    const { items } = await connection.listTables({ q: server.name('').toUpperCase() }, calm());
    expect(items.map(({ id, kind }) => [id, kind])).toEqual([
      [server.name('both'), 'view'],
      [one, 'index'],
      [two, 'index'],
      [server.name('stream'), 'data-stream'],
    ]);
    const both = await connection.describe(server.name('both'), calm());
    expect(both.primaryKey).toEqual(['_index', '_id']);
    expect(both.columns.map(({ name, type }) => [name, type])).toEqual([
      ['_index', 'text'],
      ['_id', 'text'],
      ['a', 'int64'],
      ['only', 'text'],
    ]);
    for (const table of [server.name('both'), server.name('part-*'), `${one},${two}`])
      expect((await rowsOf(table)).rows.sort()).toEqual([
        [one, '1', '1', 'x'],
        [two, '1', '2', null],
      ]);
    expect((await rowsOf(server.name('stream'), { columns: ['@timestamp', 'n'] })).rows).toEqual([
      ['2026-01-31T08:00:00Z', '7'],
    ]);
    await server.call('DELETE', `/_data_stream/${server.name('stream')}`);
    await server.call('DELETE', `/_index_template/${server.name('t')}`);
  });

  it('leaves out a field that would be empty although it has values, and says so', async () => {
    const old = await server.index('old', { no: { type: 'keyword' }, amount: { type: 'long' } }, [
      { no: 'A', amount: 100 },
    ]);
    const renamed = { no: { type: 'keyword' }, betrag: { type: 'long' }, amount: { type: 'alias', path: 'betrag' } };
    const renewed = await server.index('renewed', renamed, [{ no: 'B', betrag: 200 }]);
    const both = await rowsOf(`${old},${renewed}`, { columns: ['no', 'betrag'] });
    expect(both.rows.sort()).toEqual([
      ['A', null],
      ['B', '200'],
    ]);
    const about = (plan: { notes: readonly { message: string }[] }) =>
      plan.notes.map(({ message }) => message).filter((message) => message.includes('is not read'));
    expect(about(both.plan)).toEqual([
      expect.stringMatching(/^The field "amount" is not read: in some of the indices/),
    ]);
    await expect(rowsOf(`${old},${renewed}`, { columns: ['amount'] })).rejects.toMatchObject({
      kind: 'schema-changed',
    });
    expect((await rowsOf(renewed, { columns: ['amount'] })).rows).toEqual([['200']]);

    const sparse = async (name: string, _source: object) => {
      const properties = {
        no: { type: 'keyword' },
        day: { type: 'date', format: 'yyyy-MM-dd' },
        in: { properties: { a: { type: 'long' }, b: { type: 'long' } } },
        list: { type: 'nested', properties: { x: { type: 'long' } } },
      };
      await server.call('PUT', `/${server.name(name)}`, { mappings: { _source, properties } });
      const document = { no: 'A', day: '2026-01-31', in: { a: 1, b: 2 }, list: [{ x: 1 }] };
      await server.call('PUT', `/${server.name(name)}/_doc/1?refresh=true`, document);
      const { plan, rows } = await rowsOf(server.name(name));
      return [plan.columns.map((column) => column.name).slice(1), rows[0]?.slice(1), about(plan).length];
    };
    expect(await sparse('all', {})).toEqual([
      ['day', 'in.a', 'in.b', 'list', 'no'],
      ['2026-01-31', '1', '2', '[{"x":1}]', 'A'],
      0,
    ]);
    expect(await sparse('without', { excludes: ['n*', 'in.a', 'list.x', 'day'] })).toEqual([
      ['day', 'in.b'],
      ['2026-01-31', '2'],
      3,
    ]);
    expect(await sparse('only', { includes: ['in'] })).toEqual([['day', 'in.a', 'in.b'], ['2026-01-31', '1', '2'], 2]);
  });

  it('reads NULL where a document holds it, whatever stands for it in the index', async () => {
    const filled = await server.index(
      'filled',
      {
        at: { type: 'date', null_value: '1970-01-01' },
        finely: { type: 'date_nanos', null_value: '1970-01-01' },
        n: { type: 'long', null_value: 7 },
        t: { type: 'keyword', null_value: 'none' },
      },
      [{ at: null, finely: null, n: null, t: null }],
    );
    const { plan, rows } = await rowsOf(filled);
    expect(rows[0]?.slice(1)).toEqual([null, null, null, null]);
    expect(plan.notes.filter(({ message }) => message.includes('null_value')).map(({ column }) => column)).toEqual([
      'at',
      'finely',
    ]);
    await server.call('PUT', `/${filled}/_doc/2?refresh=true`, {
      at: '2026-01-31T08:00:00Z',
      finely: 1_769_846_400_000,
    });
    expect((await rowsOf(filled, { columns: ['at', 'finely'] })).rows[1]).toEqual([
      '2026-01-31T08:00:00Z',
      '1769846400000',
    ]);
  });

  it('counts which fields hold lists, and reads those as JSON; the others keep their type', async () => {
    const table = await server.index(
      'lists',
      { n: { type: 'long' }, m: { type: 'long' }, d: { type: 'date' }, also: { type: 'alias', path: 'n' } },
      [
        { n: 1, m: [1, 9007199254740991], d: '2026-01-31' },
        { n: [2], m: [], d: ['2026-01-31', '2026-02-01'] },
      ],
    );
    const { plan, rows } = await rowsOf(table, { columns: ['n', 'm', 'd', 'also'] });
    expect(plan.columns.map(({ type }) => type)).toEqual(['int64', 'text', 'text', 'int64']);
    expect(rows.sort()).toEqual([
      ['1', '[1,9007199254740991]', '2026-01-31', '1'],
      ['2', '[]', '["2026-01-31","2026-02-01"]', '2'],
    ]);
    expect(plan.notes.filter(({ column }) => column === 'm')).toHaveLength(1);
  });

  it('reads every format of a date as the server understands it', async () => {
    const formats: Array<[string, unknown, string, string]> = [
      ['dd/MM/yyyy HH:mm:ss||epoch_second', '31/01/2026 08:00:00', 'timestamptz', '2026-01-31T08:00:00Z'],
      ['epoch_second', 1769846400, 'timestamptz', '2026-01-31T08:00:00Z'],
      ['basic_date_time', '20260131T080000.001+0100', 'timestamptz', '2026-01-31T07:00:00.001Z'],
      ['d MMM uuuu', '1 Feb 2026', 'date', '2026-02-01'],
      ['year_month_day', '2024-02-29', 'date', '2024-02-29'],
      ['yyyy', '2026', 'timestamptz', '2026-01-01T00:00:00Z'],
    ];
    const properties = Object.fromEntries(formats.map(([format], i) => [`d${i}`, { type: 'date', format }]));
    const table = await server.index('dates', properties, [
      Object.fromEntries(formats.map(([, value], i) => [`d${i}`, value])),
    ]);
    const { plan, rows } = await rowsOf(table, { columns: formats.map((_, i) => `d${i}`) });
    expect(plan.columns.map(({ type }) => type)).toEqual(formats.map(([, , type]) => type));
    expect(rows[0]).toEqual(formats.map(([, , , text]) => text));
  });

  it('reads a date without doc values, and says which document holds one that the server could not read', async () => {
    const table = await server.index(
      'malformed',
      { plain: { type: 'date', doc_values: false }, d: { type: 'date', ignore_malformed: true } },
      [{ plain: '2026-01-31', d: '2026-01-31' }, { d: 'yesterday' }],
    );
    expect((await rowsOf(table, { columns: ['plain'] })).rows.sort()).toEqual([[null], ['2026-01-31T00:00:00Z']]);
    await expect(rowsOf(table)).rejects.toMatchObject({
      kind: 'type',
      message: expect.stringContaining('document "2", field "d"'),
    });
    const asText = await rowsOf(table, { columns: ['d'] }, { text_fields: ['d'] });
    expect(asText.rows.sort()).toEqual([['2026-01-31'], ['yesterday']]);
    await eventually(
      () => server.open(),
      (count) => count === 0,
    );
  });

  it('sees one moment in all slices, whatever is written meanwhile', async () => {
    const table = await server.index(
      'moving',
      { n: { type: 'long' } },
      Array.from({ length: 3000 }, (_, n) => ({ n })),
    );
    await using connection = server.connect({}, { splitRows: 1000 });
    const plan = await connection.plan({ table }, calm());
    expect(plan).toMatchObject({ snapshot: true, estimate: { rows: 3000 } });
    expect(plan.splits).toHaveLength(2);
    const first = connection.read(plan, plan.splits[0]!, calm())[Symbol.asyncIterator]();
    const seen: string[] = [];
    const note = (batch: Batch) => seen.push(...cells([batch], plan.columns).map((row) => String(row[1])));
    note((await first.next()).value as Batch);
    await server.call('POST', `/${table}/_doc/new?refresh=true`, { n: -1 });
    await server.call('PUT', `/${table}/_doc/1?refresh=true`, { n: -2 });
    await server.call('DELETE', `/${table}/_doc/2?refresh=true`);
    for (let next = await first.next(); !next.done; next = await first.next()) note(next.value);
    for (const split of plan.splits.slice(1))
      for await (const batch of connection.read(plan, split, calm())) note(batch);
    expect(seen.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 3000 }, (_, n) => n));
    await eventually(
      () => server.open(),
      (count) => count === 0,
    );
  });

  it('closes the moment when a read is left, fails or is aborted, also between two pages', async () => {
    const table = await server.index(
      'closing',
      { n: { type: 'long', ignore_malformed: true } },
      Array.from({ length: 2000 }, (_, n) => ({ n: n === 1500 ? 'odd' : n })),
    );
    const none = () =>
      eventually(
        () => server.open(),
        (count) => count === 0,
      );
    await using connection = server.connect();
    const plan = async () => connection.plan({ table }, calm());
    const left = await plan();
    for await (const batch of connection.read(left, left.splits[0]!, calm())) {
      expect(batch.numRows).toBe(500);
      expect(await server.open()).toBe(1);
      break;
    }
    await none();
    const failing = await plan();
    await expect(readAll(connection, failing)).rejects.toMatchObject({
      kind: 'type',
      message: expect.stringContaining('odd'),
    });
    await none();
    const aborted = await plan();
    const stop = new AbortController();
    const batches = connection.read(aborted, aborted.splits[0]!, { signal: stop.signal })[Symbol.asyncIterator]();
    await batches.next();
    stop.abort();
    await expect(batches.next()).rejects.toMatchObject({ kind: 'cancelled' });
    await none();
    const twice = await connection.plan({ table, columns: ['_id'] }, calm());
    expect((await readAll(connection, twice)).reduce((rows, batch) => rows + batch.numRows, 0)).toBe(2000);
    expect((await readAll(connection, twice)).reduce((rows, batch) => rows + batch.numRows, 0)).toBe(2000);
    await none();
  });

  it('reads a mapping with 5,000 fields', { timeout: 180_000 }, async () => {
    const fields = Array.from({ length: 5000 }, (_, i) => `f${String(i).padStart(4, '0')}`);
    const wide = await server.index(
      'wide',
      Object.fromEntries(fields.map((name, i) => [name, { type: i % 2 ? 'long' : 'keyword' }])),
      Array.from({ length: 20 }, (_, row) => Object.fromEntries(fields.map((name, i) => [name, row * 10_000 + i]))),
      { settings: { 'index.mapping.total_fields.limit': 6000 } },
    );
    const { plan, rows } = await rowsOf(wide);
    expect(plan.columns).toHaveLength(5001);
    expect(rows).toHaveLength(20);
    const row = rows.find(([id]) => id === '20')!;
    expect(row.slice(1)).toEqual(fields.map((_, i) => String(190_000 + i)));
  });

  it('reads large documents in small pages, and no more at once than the index allows', async () => {
    const large = await server.index(
      'large',
      { text: { type: 'keyword', index: false, doc_values: false } },
      Array.from({ length: 60 }, (_, i) => ({ text: String(i).padEnd(400_000, 'x') })),
      { settings: { 'index.max_result_window': 7 } },
    );
    await using connection = server.connect();
    const planned = await connection.plan({ table: large }, calm());
    const sizes: number[] = [];
    for await (const batch of connection.read(planned, planned.splits[0]!, calm())) sizes.push(batch.numRows);
    expect(sizes.reduce((all, size) => all + size, 0)).toBe(60);
    expect(Math.max(...sizes)).toBe(7);
  });
});
