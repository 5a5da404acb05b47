import type { ConnectorError } from '@kalla/core';
import { arrowSchemaOf } from '@kalla/core/arrow';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../../testing/require-part.ts';
import { calm, createTestDatabase, eventually, readAll, type TestDatabase } from './testing/test-database.ts';
import { cellsOf, spelledBy } from './testing/cells.ts';

describeWith('postgres', 'reading', (address) => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(address);
  });
  afterAll(() => db[Symbol.asyncDispose]());

  /** Reads a table and compares every cell with what the server itself says it is. */
  async function expectExact(table: string, key = 'id'): Promise<number> {
    await using connection = db.connect();
    const plan = await connection.plan({ table }, calm());
    const batches = await readAll(connection, plan);
    expect(batches.every((batch) => String(batch.schema) === String(arrowSchemaOf(plan.columns)))).toBe(true);
    const keyIndex = plan.columns.findIndex(({ name }) => name === key);
    const keys = cellsOf(batches, keyIndex, plan.columns[keyIndex]!.type);
    const select = plan.columns.map(({ name, type }) => spelledBy(type, `"${name.replaceAll('"', '""')}"`));
    await db.sql("SET timezone = 'UTC'; SET extra_float_digits = 1");
    const expected = await db.sql<Record<string, string | null>>(
      `SELECT "${key}"::text AS the_key, ${select.map((sql, i) => `${sql} AS c${i}`).join(', ')} FROM ${table}`,
    );
    const byKey = new Map(expected.map((row) => [row.the_key, row]));
    expect(keys.length).toBe(expected.length);
    plan.columns.forEach((column, i) => {
      const cells = cellsOf(batches, i, column.type);
      const differ = cells.flatMap((cell, row) => {
        const want = byKey.get(keys[row] ?? null)?.[`c${i}`];
        return cell === want ? [] : [{ column: column.name, type: column.type, key: keys[row], cell, want }];
      });
      expect(differ.slice(0, 5)).toEqual([]);
    });
    return keys.length;
  }

  it('reads a table of a thousand numerics without precision', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `c${index}`);
    await db.sql(`CREATE TABLE thousand (${names.map((name) => `${name} numeric`).join(', ')})`);
    await db.sql("INSERT INTO thousand (c0, c399, c400, c998, c999) VALUES (1.5, 2.25, 3.125, 4.0625, 'NaN')");
    await using connection = db.connect();
    const plan = await connection.plan({ table: 'thousand' }, calm());
    expect([0, 399, 400, 998, 999, 1].map((index) => plan.columns[index]!.type)).toEqual([
      'decimal(38,1)',
      'decimal(38,2)',
      'decimal(38,3)',
      'decimal(38,4)',
      'text',
      'decimal(38,9)',
    ]);
    expect(cellsOf(await readAll(connection, plan), 998, plan.columns[998]!.type)).toEqual(['4.0625']);
  });

  it('reads every built-in type exactly, NULLs and extremes included', async () => {
    await db.sql(`
      CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
      CREATE TYPE pair AS (a int, b text);
      CREATE DOMAIN price AS numeric(12,2) CHECK (VALUE >= 0);
      CREATE DOMAIN vat_id AS text;
      CREATE TABLE everything (
        id int PRIMARY KEY, b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric(18,2), n38 numeric(38,10),
        nwide numeric(50,3), nneg numeric(5,-2), nsmall numeric(3,5), n_any numeric, m money, t text, vc varchar(20),
        c char(10), nm name, ch "char", by bytea, u uuid, d date, ti time, ttz timetz, ts timestamp, ts0 timestamp(0),
        tstz timestamptz, iv interval, j json, jb jsonb, x xml, ip inet, net cidr, mac macaddr, mac8 macaddr8, bits bit(4),
        vbits varbit, pt point, ln line, ls lseg, bx box, pa path, po polygon, ci circle, r4 int4range, rn numrange,
        rts tsrange, mr int4multirange, ai int[], at text[], an numeric(10,2)[], e mood, ae mood[], comp pair, p price,
        v vat_id, o oid, rc regclass, tsv tsvector, tsq tsquery, lsn pg_lsn, xi xid, x8 xid8, ti2 tid, snap pg_snapshot, jp jsonpath);
      INSERT INTO everything VALUES (1, true, 32767, 2147483647, 9223372036854775807, 'NaN', 'Infinity', 9999999999999999.99,
        9999999999999999999999999999.9999999999, 12345678901234567890123456789012345678901234567.123, 1234567, 0.00999,
        123456789.123456789, '-92233720368547758.08', E'Grüße 😀\\n\\t"x"', '', 'ab', 'name', 'x', '\\x00ff10', 
        '00112233-4455-6677-8899-aabbccddeeff', '5874897-12-31', '24:00:00', '23:59:59.999999+14:30', '4713-01-01 BC',
        '2026-01-31 08:00:00', '1969-12-31 23:59:59.999999Z', '-1 year 2 mons -3 days 04:05:06.789', '{"a": 1.10}', '{"b": [1, 2.50]}',
        '<a>é</a>', '10.0.0.1', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', B'1010', B'10101', '(1.5,-2)',
        '{1,2,3}', '[(0,0),(1,1)]', '(1,1),(0,0)', '[(0,0),(1,1)]', '((0,0),(1,1),(1,0))', '<(0,0),1>', '[1,5)', '[1.5,)',
        '[2026-01-01,2026-02-01)', '{[1,3),[5,7)}', '{1,NULL,3}', '{"a,b","c\\"d",NULL}', '{1.10,-2.00}', 'happy', '{sad,ok}',
        '(1,"x y")', 12.30, 'DE123', 4294967295, 'pg_class', 'a fat cat', 'fat & cat', '16/B374D848', '123', '12345678901', '(0,1)', '10:20:10,14', '$.a[*]');
      INSERT INTO everything (id) VALUES (2);
      INSERT INTO everything (id, b, i2, i4, i8, f4, f8, n, n38, nneg, nsmall, n_any, m, t, by, u, d, ti, ts, tstz, o) VALUES (3, false, -32768,
        -2147483648, -9223372036854775808, '-0', 5e-324, -0.01, -0.0000000001, -9999900, -0.00001, -0.5, '-0.01', '', '', 
        '00000000-0000-0000-0000-000000000000', '4713-01-01 BC', '00:00', '294246-12-31 23:59:59.999999', '4713-01-01 BC', 0);`);
    expect(await expectExact('everything')).toBe(3);
    await using connection = db.connect();
    const info = await connection.describe('everything', calm());
    const typeOf = Object.fromEntries(info.columns.map(({ name, type }) => [name, type]));
    expect(typeOf).toMatchObject({
      b: 'boolean',
      i2: 'int16',
      i4: 'int32',
      i8: 'int64',
      f4: 'float32',
      f8: 'float64',
      n: 'decimal(18,2)',
      n38: 'decimal(38,10)',
      nwide: 'text',
      nneg: 'decimal(7,0)',
      nsmall: 'decimal(5,5)',
      n_any: 'decimal(38,9)',
      m: 'decimal(19,2)',
      t: 'text',
      by: 'binary',
      u: 'uuid',
      d: 'date',
      ti: 'time',
      ttz: 'text',
      ts: 'timestamp',
      tstz: 'timestamptz',
      p: 'decimal(12,2)',
      v: 'text',
      o: 'uint32',
      ai: 'text',
      e: 'text',
      iv: 'text',
      jb: 'text',
    });
    const noted = new Set(info.notes.map(({ column }) => column));
    const silent = info.columns.filter(({ name, type }) => type === 'text' && !noted.has(name)).map(({ name }) => name);
    expect(silent).toEqual(['t', 'vc', 'nm', 'v']);
  });

  it('returns what random decimals, texts and moments were put in, over batch borders', async () => {
    const decimal = fc
      .tuple(fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n }), fc.integer({ min: 0, max: 18 }))
      .map(([digits, drop]) => digits / 10n ** BigInt(drop));
    const wide = fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n });
    const text = fc.string({ unit: 'binary', maxLength: 60 }).map((s) => s.replaceAll('\0', ''));
    const moment = fc.bigInt({ min: -210_000_000_000_000_000n, max: 9_000_000_000_000_000_000n });
    const row = fc.record({ decimal, wide, text, moment, nothing: fc.boolean() });
    await db.sql(
      'CREATE TABLE props (id int, a numeric(18,2), a4 numeric(18,4), a5 numeric(18,5), a0 numeric(18,0), w numeric(38,17), t text, ts timestamptz, d date)',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 300 }), async (rows) => {
        await db.sql('TRUNCATE props');
        const column = (pick: (r: (typeof rows)[number]) => string) => rows.map((r) => (r.nothing ? null : pick(r)));
        await db.sql(
          `INSERT INTO props SELECT id, a::numeric * 0.01, a::numeric * 0.0001, a::numeric * 0.00001, a::numeric, w::numeric * 0.00000000000000001, t,
             timestamptz '1970-01-01 00:00Z' + (ts::numeric / 86400000000)::bigint * interval '1 day' + (ts::bigint % 86400000000) * interval '1 microsecond',
             date '1970-01-01' + (ts::numeric / 86400000000)::int
           FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[]) AS x(id, a, w, t, ts)`,
          [
            rows.map((_, i) => i),
            column((r) => String(r.decimal)),
            column((r) => String(r.wide)),
            column((r) => r.text),
            column((r) => String(r.moment / 2n)),
          ],
        );
        expect(await expectExact('props')).toBe(rows.length);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });

  it('reads 200,000 rows in batches of 16,384, every split of one moment, together the whole', async () => {
    await db.sql(`CREATE TABLE big AS SELECT i AS id, (i * 7 % 100000)::numeric(12,2) / 100 AS amount, 'row ' || i AS t
                  FROM generate_series(1, 200000) i; DELETE FROM big WHERE id % 10 = 0; ANALYZE big`);
    await using connection = db.connect({}, { splitPages: 100 });
    const plan = await connection.plan({ table: 'big', columns: ['id', 't'] }, calm());
    expect(plan.splits.length).toBeGreaterThan(3);
    expect(plan.snapshot).toBe(true);
    const ids: string[] = [];
    let first = true;
    for (const split of plan.splits) {
      for await (const batch of connection.read(plan, split, calm()))
        ids.push(...(cellsOf([batch], 0, 'int32') as string[]));
      // Rows that come and go between two splits must not be seen, wherever the server puts them.
      if (first)
        await db.sql(
          "INSERT INTO big SELECT 900000 + i, 0, 'late' FROM generate_series(1, 20000) i; DELETE FROM big WHERE id BETWEEN 100001 AND 200000",
        );
      first = false;
    }
    expect(ids.length).toBe(180_000);
    expect(new Set(ids).size).toBe(180_000);
    await eventually(
      () => db.sessions(),
      (sessions) => sessions.length === 0,
    );

    await using whole = db.connect();
    const sizes = (await readAll(whole, await whole.plan({ table: 'big' }, calm()))).map(({ numRows }) => numRows);
    expect(sizes).toEqual([...Array.from({ length: 6 }, () => 16_384), 11_696]);
  });

  it('knows the schema of an empty table, and reads views, partitions and foreign names', async () => {
    await db.sql(`
      CREATE TABLE "Ünïcode ""q"" 😀.x" ("Id" int PRIMARY KEY, "a ""b""" text, "naïve 😀" numeric(5,2) NOT NULL);
      CREATE VIEW seen AS SELECT "Id" AS id, "naïve 😀" AS n FROM "Ünïcode ""q"" 😀.x";
      CREATE MATERIALIZED VIEW kept AS SELECT i AS id FROM generate_series(1, 5) i;
      CREATE TABLE parts (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
      CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
      CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
      INSERT INTO parts SELECT i, date '2026-01-01' + i % 50 FROM generate_series(1, 1000) i;`);
    await using connection = db.connect();
    const id = 'public."Ünïcode ""q"" 😀.x"';
    const { items } = await connection.listTables({ q: 'Ünïcode' }, calm());
    expect(items.map((table) => table.id)).toEqual([id]);
    const info = await connection.describe(id, calm());
    expect(info.columns).toEqual([
      { name: 'Id', type: 'int32', source_type: 'integer', nullable: false },
      { name: 'a "b"', type: 'text', source_type: 'text', nullable: true },
      { name: 'naïve 😀', type: 'decimal(5,2)', source_type: 'numeric(5,2)', nullable: false },
    ]);
    expect(info.primaryKey).toEqual(['Id']);
    expect(await readAll(connection, await connection.plan({ table: id }, calm()))).toEqual([]);
    await db.sql('INSERT INTO "Ünïcode ""q"" 😀.x" VALUES (1, $1, 1.50)', ['it’s']);
    expect(await expectExact('seen')).toBe(1);
    expect(await expectExact('kept')).toBe(5);
    expect(await expectExact('parts')).toBe(1000);
    expect((await connection.describe('parts', calm())).primaryKey).toEqual(['id', 'day']);
  });

  it('reads rows wider than its buffer', async () => {
    await db.sql(
      `CREATE TABLE wide AS SELECT i AS id, repeat(chr(64 + i), 12000000) AS t, repeat('é', 9000000) AS u FROM generate_series(1, 4) i`,
    );
    await using connection = db.connect();
    const batches = await readAll(connection, await connection.plan({ table: 'wide' }, calm()));
    const lengths = cellsOf(batches, 1, 'text').map((cell) => [cell?.[0], cell?.length]);
    expect(lengths).toEqual([
      ['A', 12e6],
      ['B', 12e6],
      ['C', 12e6],
      ['D', 12e6],
    ]);
    expect(cellsOf(batches, 2, 'text').every((cell) => cell?.length === 9e6)).toBe(true);
  });

  it('stops with the column and the place where a value fits no exact type, and reads it as text when told so', async () => {
    await db.sql(`CREATE TABLE odd AS SELECT i AS id, CASE WHEN i = 3 THEN 'NaN'::numeric(10,2) ELSE i END::numeric(10,2) AS amount,
      CASE WHEN i = 4 THEN 'infinity'::date END AS due, CASE WHEN i = 5 THEN '-infinity'::timestamptz END AS at FROM generate_series(1, 5) i`);
    await using connection = db.connect();
    for (const [column, row, value] of [
      ['amount', 3, 'NaN'],
      ['due', 4, 'infinity'],
      ['at', 5, '-infinity'],
    ] as const) {
      const plan = await connection.plan({ table: 'odd', columns: ['id', column] }, calm());
      const error = (await readAll(connection, plan).catch((thrown: unknown) => thrown)) as ConnectorError;
      expect(error).toMatchObject({ kind: 'type', faults: [{ column, row, value }] });
      expect(error.message).toContain(`column "${column}"`);
      expect(error.hint).toContain('read as text');
    }
    await using lenient = db.connect({ text_columns: ['amount', 'due', 'at'] });
    const batches = await readAll(lenient, await lenient.plan({ table: 'odd' }, calm()));
    expect(cellsOf(batches, 1, 'text')).toEqual(['1.00', '2.00', 'NaN', '4.00', '5.00']);
    expect(cellsOf(batches, 2, 'text')[3]).toBe('infinity');
  });

  it('gives a numeric without precision the places its values have, and text where no decimal is exact', async () => {
    await db.sql(`CREATE TABLE loose (id int, a numeric, empty numeric, nan numeric, huge numeric);
      INSERT INTO loose VALUES (1, 12.5, NULL, 'NaN', 1e40), (2, -0.125, NULL, 1, 0.1), (3, NULL, NULL, 'Infinity', NULL)`);
    await using connection = db.connect();
    const info = await connection.describe('loose', calm());
    expect(info.columns.map(({ type }) => type)).toEqual(['int32', 'decimal(38,3)', 'decimal(38,9)', 'text', 'text']);
    const batches = await readAll(connection, await connection.plan({ table: 'loose' }, calm()));
    expect(cellsOf(batches, 1, 'decimal(38,3)')).toEqual(['12.500', '-0.125', null]);
    expect(cellsOf(batches, 3, 'text')).toEqual(['NaN', '1', 'Infinity']);
  });
});
