import { describe, expect, it } from 'vitest';
import type { ColumnInfo, ValidateRequest } from '@kalla/core';
import { checkRule } from './check-rule.ts';
import { validateMatchSql } from './validate.ts';

const columns = (types: Record<string, string>): ColumnInfo[] =>
  Object.entries(types).map(([name, type]) => ({ name, type }));
const request = (sql: string, known = true): ValidateRequest => ({
  match_sql: sql,
  left: {
    alias: 'l',
    primary_key: ['id'],
    ...(known
      ? {
          columns: columns({
            id: 'int32',
            n: 'int32',
            amount: 'decimal(18,2)',
            ref: 'text',
            day: 'date',
            Total: 'decimal(9,2)',
          }),
        }
      : {}),
  },
  right: {
    alias: 'r',
    primary_key: ['pid'],
    ...(known
      ? { columns: columns({ pid: 'text', n: 'int32', paid: 'decimal(18,2)', ref: 'text', day: 'date' }) }
      : {}),
  },
});
const JOIN = 'SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref';

/** What a SELECT in a locked DuckDB can still do, and everything that is not one SELECT. */
const HOSTILE = [
  "SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref, read_csv('/etc/passwd')",
  "SELECT * FROM '/etc/passwd'",
  "SELECT * FROM 'other.parquet'",
  "SELECT * FROM read_parquet('x.parquet')",
  "SELECT * FROM read_text('/etc/passwd')",
  "SELECT * FROM read_blob('/etc/hostname')",
  "SELECT * FROM glob('/etc/*')",
  "SELECT * FROM sniff_csv('x.csv')",
  "SELECT * FROM parquet_metadata('x.parquet')",
  "SELECT * FROM query('SELECT 1')",
  "SELECT * FROM query_table('l')",
  "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
  'SELECT * FROM enable_logging()',
  "SELECT * FROM enable_logging(storage='file', storage_path='/tmp/logs')",
  'SELECT * FROM truncate_duckdb_logs()',
  'SELECT * FROM enable_profiling()',
  'SELECT * FROM force_checkpoint()',
  'SELECT * FROM duckdb_settings()',
  'SELECT * FROM duckdb_secrets()',
  'SELECT * FROM duckdb_logs',
  'SELECT sql FROM duckdb_views()',
  'SELECT * FROM pragma_version()',
  "SELECT * FROM pragma_storage_info('l')",
  'SELECT * FROM range(1000000000)',
  'SELECT * FROM generate_series(1, 10)',
  'SELECT unnest([1, 2]) FROM l',
  "SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref AND repeat('x', 2000000000) <> ''",
  "SELECT l.id, r.pid, lpad(l.ref, 2000000000, 'y') FROM l JOIN r ON l.ref = r.ref",
  "SELECT getenv('HOME')",
  "SELECT current_setting('temp_directory')",
  "SELECT getvariable('x')",
  "SELECT nextval('s')",
  "SELECT write_log('x')",
  'SELECT * FROM information_schema.tables',
  'SELECT * FROM pg_catalog.pg_class',
  'SELECT * FROM main.l',
  'SELECT * FROM memory.main.l',
  'SELECT * FROM sqlite_master',
  'SELECT * FROM (SHOW TABLES)',
  'SELECT * FROM (DESCRIBE l)',
  'SUMMARIZE l',
  'DESCRIBE l',
  'SHOW TABLES',
  'EXPLAIN SELECT 1',
  'EXPLAIN ANALYZE SELECT 1',
  "COPY l TO '/tmp/x'",
  "COPY (SELECT 1) TO '/tmp/x' (FORMAT parquet)",
  "EXPORT DATABASE '/tmp/x'",
  "ATTACH '/tmp/x.db'",
  'INSTALL httpfs',
  'LOAD httpfs',
  'SET enable_external_access = true',
  "SET memory_limit = '100GB'",
  'RESET memory_limit',
  'PRAGMA version',
  'CALL pragma_version()',
  'CREATE TABLE z AS SELECT 1',
  'CREATE MACRO f() AS 1',
  'DROP TABLE l',
  'DELETE FROM l',
  'INSERT INTO l VALUES (1) RETURNING id',
  'UPDATE l SET id = 1',
  'PREPARE q AS SELECT 1',
  'EXECUTE q',
  'BEGIN',
  'CHECKPOINT',
  'PIVOT l ON id USING sum(amount)',
  'SELECT 1; SELECT 2',
  `${JOIN}; DROP TABLE l`,
  'WITH x AS MATERIALIZED (DELETE FROM l RETURNING *) SELECT * FROM x',
  'WITH RECURSIVE t AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM t) SELECT * FROM t',
  "WITH x AS (SELECT * FROM read_csv('/etc/passwd')) SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref",
  "SELECT l.id, r.pid FROM l JOIN r ON l.ref = (SELECT content FROM read_text('/etc/passwd'))",
  'WITH l AS (SELECT 1 AS id) SELECT l.id, r.pid FROM l, r',
  'SELECT ?::INTEGER, l.id, r.pid FROM l, r',
  'SELECT $a, l.id, r.pid FROM l, r',
  "SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref ORDER BY (SELECT max(content) FROM read_text('/etc/passwd'))",
  "SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref LIMIT (SELECT count(*) FROM glob('/*'))",
  "SELECT l.id, r.pid, row_number() OVER (ORDER BY getenv('HOME')) FROM l JOIN r ON l.ref = r.ref",
  "SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref WHERE CASE WHEN getenv('HOME') = 'x' THEN true END",
  "SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref GROUP BY ALL HAVING getenv('A') = 'b'",
  "SELECT count(*) FILTER (WHERE getenv('A') = 'b') FROM l",
  "FROM l SELECT getenv('A')",
  'SELECT * FROM l TABLESAMPLE 10%',
  "SELECT COLUMNS('.*') FROM l",
  '',
  ' -- nothing\n',
  ';;',
];

describe('the sandbox', () => {
  it.each(HOSTILE)('refuses %s', async (sql) => {
    const { valid, errors } = await validateMatchSql(request(sql));
    expect(valid).toBe(false);
    expect(errors[0]!.message).toMatch(/^[A-Z].*\.$/);
    // Nothing of the engine's own wording.
    expect(errors[0]!.message).not.toMatch(/Error:|LINE \d/);
  });

  it.each([
    JOIN,
    `${JOIN};`,
    `-- a remark\n${JOIN} /* end */ ;`,
    'SELECT l.id, r.pid FROM l, r WHERE l.ref = r.ref AND r.paid BETWEEN l.amount - 0.05 AND l.amount + 0.05',
    'WITH x AS (SELECT id, upper(trim(ref)) AS k FROM l) SELECT x.id, r.pid FROM x JOIN r ON x.k = upper(r.ref)',
    'SELECT l.id, r.pid FROM l JOIN r USING (ref)',
    'SELECT l.id, r.pid FROM l LEFT JOIN r ON l.ref = r.ref AND l.amount = r.paid',
    'SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref WHERE NOT EXISTS (SELECT 1 FROM r b WHERE b.ref = r.ref AND b.pid < r.pid)',
    'SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref QUALIFY ROW_NUMBER() OVER (PARTITION BY l.id ORDER BY r.day) = 1',
    `${JOIN} UNION ALL SELECT l.id, r.pid FROM l JOIN r ON l.amount = r.paid AND l.day = r.day`,
    'SELECT "l"."id" AS left_id, r.pid AS right_pid, CASE WHEN l.amount > r.paid THEN \'fee\' ELSE \'\' END AS why FROM l JOIN r ON l.ref = r.ref',
    "SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref AND r.day BETWEEN l.day AND l.day + INTERVAL 3 DAY AND l.day > DATE '2026-01-01'",
    'SELECT l.id, r.pid FROM l JOIN r ON levenshtein(l.ref, r.ref) < 2 AND l.amount = r.paid',
    "SELECT l.id, r.pid FROM l JOIN r ON lpad(l.ref, 10, '0') = repeat('0', 10 - length(r.ref)) || r.ref",
    'SELECT l._row AS line, l.id, r.pid FROM l JOIN r ON l.ref = r.ref',
    // The seed's tolerance.
    'SELECT l.id, r.pid, l.amount AS left_amount, r.paid AS right_amount FROM l JOIN r ON l.ref = r.ref AND ABS(l.amount - r.paid) / NULLIF(l.amount, 0) < 0.01',
  ])('accepts %s', async (sql) => {
    expect(await validateMatchSql(request(sql))).toMatchObject({ valid: true, errors: [] });
  });
});

describe('the text that runs', () => {
  // What is judged is the whole text; what runs stands in parentheses and without what follows its last token.
  it.each([
    `${JOIN} -- a remark\r AND l.n > 5`,
    `${JOIN} AND l.ref <> $a1$ -- ;$a1$`,
    `${JOIN} AND l.ref <> $é$ /* $é$`,
  ])('keeps the condition in %j', async (sql) => {
    const { rule, errors } = await checkRule(request(sql));
    expect(errors).toEqual([]);
    expect(rule!.sql).toBe(sql);
  });

  it('refuses a comment that would cut a condition off', async () => {
    const { errors } = await checkRule(request(`${JOIN} /* a /* b */ -- */ AND l.n > 5`));
    expect(errors[0]?.message).toMatch(/comment/);
  });
});

describe('what is said about a rule', () => {
  it.each([
    ['SELECT l.id, r.pid FROM l JOIN r ON l.n / 2 = r.n', /whole numbers gives 3\.5/, /CAST\(a AS DECIMAL/],
    [
      'SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref WHERE l.id NOT IN (SELECT n FROM r)',
      /NOT IN with a subquery/,
      /NOT EXISTS/,
    ],
    ["SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref AND l.ref ~ 'x'", /regexp_full_match/, /LIKE/],
    ['SELECT l.id, r.pid FROM l JOIN r ON l.n ^ 2 = r.n', /operator \^/, /POWER/],
    ['SELECT l.id, r.pid FROM l JOIN r ON l.id = r.pid', /text is compared with a number/, /CAST\(number AS VARCHAR\)/],
    ['SELECT l.id, r.pid FROM l JOIN r ON CAST(l.amount AS BIGINT) = r.n', /rounds on one engine/, /FLOOR/],
    ['SELECT l.id, r.pid FROM l JOIN r ON l.day - r.day < 3 AND l.ref = r.ref', /difference of two dates/, /BETWEEN/],
    ['SELECT l.id, r.pid FROM l NATURAL JOIN r', /NATURAL JOIN/, /JOIN … ON/],
    ['SELECT l.id, r.pid FROM l SEMI JOIN r ON l.ref = r.ref', /SEMI JOIN/, /EXISTS/],
    ['SELECT l.id FROM l JOIN r ON l.ref = r.ref', /lacks the key column "pid"/, /Add r\.pid/],
    ['SELECT l.id, l.id AS pid FROM l JOIN r ON l.ref = r.ref', /lacks the key column "pid"/, /Add r\.pid/],
    ['SELECT l.nope, r.pid FROM l JOIN r ON l.ref = r.ref', /no column "nope"/, /"l" has: "id", "n"/],
    ['SELECT id, pid, n FROM l JOIN r ON l.ref = r.ref', /Both sources have a column "n"/, /l\.n or r\.n/],
    ['SELECT l.id, r.pid FROM l JOIN payments r ON l.ref = r.ref', /"payments", which is not one/, /"l" and "r"/],
  ] as const)('%s', async (sql, message, hint) => {
    const { errors } = await validateMatchSql(request(sql));
    expect(errors[0]?.message).toMatch(message);
    expect(errors[0]?.hint).toMatch(hint);
  });

  it("says what cannot be read, without the engine's words and without a fault of ours", async () => {
    const said = async (sql: string) => (await validateMatchSql(request(sql))).errors[0]?.message;
    expect(await said(`SELECT l.id, r.pid, 1${'0'.repeat(500)} FROM l JOIN r ON l.ref = r.ref`)).toMatch(/too large/);
    expect(await said(`SELECT l.id, r.pid, 1${'+1'.repeat(2000)} FROM l JOIN r ON l.ref = r.ref`)).toBe(
      'The rule is nested too deeply.',
    );
  });

  it('points at the place, also after characters of several bytes', async () => {
    const at = async (sql: string) => (await validateMatchSql(request(sql))).errors[0]!.position;
    expect(await at("SELECT 'é😀' AS x,\n l.id form l")).toBe("SELECT 'é😀' AS x,\n l.id form ".length);
    expect(await at("SELECT l.id, r.pid, 'é' AS x FROM l JOIN r ON l.ref = r.ref AND l.nope = 1")).toBe(
      "SELECT l.id, r.pid, 'é' AS x FROM l JOIN r ON l.ref = r.ref AND ".length,
    );
    expect(await at("SELECT l.id,\n  getenv('A')\nFROM l")).toBe('SELECT l.id,\n  '.length);
    expect(await at(`${JOIN}; SELECT 2`)).toBe(JOIN.length);
  });

  it('warns of what is slow or differs without being wrong', async () => {
    const warn = async (sql: string) =>
      (await validateMatchSql(request(sql))).warnings.map((item) => item.message).join(' ');
    expect(await warn('SELECT l.id, r.pid FROM l JOIN r ON ABS(l.amount - r.paid) < 0.05')).toMatch(
      /every row of one source/,
    );
    expect(await warn('SELECT l.id, r.pid FROM l, r')).toMatch(/every row of one source/);
    expect(await warn(JOIN)).toBe('');
    expect(
      await warn('SELECT l.id, r.pid FROM l JOIN r ON l.amount = r.paid AND l.amount > (SELECT avg(paid) FROM r)'),
    ).not.toMatch(/every row/);
    expect(await warn('SELECT l.id, r.pid, total FROM l JOIN r ON l.ref = r.ref')).toMatch(
      /"Total" has capital letters/,
    );
    expect(await warn(`${JOIN} QUALIFY ROW_NUMBER() OVER (PARTITION BY l.id ORDER BY r.paid DESC) = 1`)).toMatch(
      /NULLs last/,
    );
  });

  it('asks for prefixes where both keys have the same name', async () => {
    const shared = (sql: string) =>
      validateMatchSql({
        match_sql: sql,
        left: { alias: 'l', primary_key: ['id'], columns: columns({ id: 'int32', ref: 'text' }) },
        right: { alias: 'r', primary_key: ['id'], columns: columns({ id: 'int32', ref: 'text' }) },
      });
    expect((await shared('SELECT l.id, r.id FROM l JOIN r ON l.ref = r.ref')).errors[0]?.hint).toBe(
      'Add l.id AS left_id to the SELECT list.',
    );
    expect((await shared('SELECT l.id AS left_id, r.id AS right_id FROM l JOIN r ON l.ref = r.ref')).valid).toBe(true);
    // A name that lies about its side does not count.
    expect((await shared('SELECT r.id AS left_id, l.id AS right_id FROM l JOIN r ON l.ref = r.ref')).valid).toBe(false);
  });

  it('checks what it can without columns', async () => {
    expect(
      (await validateMatchSql(request('SELECT l.id, l.anything, r.pid FROM l JOIN r ON l.x = r.y', false))).valid,
    ).toBe(true);
    expect((await validateMatchSql(request("SELECT getenv('x') FROM l", false))).valid).toBe(false);
  });
});

it('does not repeat the whole rule in a syntax error', async () => {
  const side = { alias: 'a', primary_key: ['id'] };
  const { errors } = await validateMatchSql({
    match_sql: 'x'.repeat(50_000),
    left: side,
    right: { ...side, alias: 'b' },
  });
  expect(errors[0]?.message.length).toBeLessThan(300);
});

describe('the keys are looked for in the SELECT list before any file is there', () => {
  const left = { alias: 'l', primary_key: ['id'] };
  const right = { alias: 'r', primary_key: ['rid', 'line'] };
  it.each([
    ['SELECT 1', ['id', 'rid', 'line']],
    ['SELECT l.id FROM l', ['rid', 'line']],
    ['SELECT l.id AS a, r.rid, r.line FROM l JOIN r ON l.x = r.x', ['id']],
    ['SELECT l.id, r.rid AS right_rid, r.line FROM l JOIN r ON l.x = r.x', []],
    ['SELECT id, RID, "line" FROM l JOIN r USING (x)', []],
    ['SELECT * FROM l JOIN r USING (x)', []],
    ['SELECT l.*, rid, line FROM l JOIN r USING (x)', []],
    ['WITH p AS (SELECT l.id, r.rid, r.line FROM l JOIN r ON l.x = r.x) SELECT id, rid, line FROM p', []],
    ['SELECT id, rid, line FROM l JOIN r USING (x) UNION ALL SELECT id, rid, line FROM l JOIN r USING (y)', []],
  ])('%s', async (sql, missing) => {
    const { errors } = await validateMatchSql({ match_sql: sql, left, right });
    expect(errors.map(({ field }) => field)).toEqual(missing);
  });

  it('wants the prefix where both keys have one name', async () => {
    const both = (sql: string) =>
      validateMatchSql({ match_sql: sql, left, right: { alias: 'r', primary_key: ['id'] } });
    expect((await both('SELECT l.id, r.id FROM l JOIN r ON l.x = r.x')).valid).toBe(false);
    expect((await both('SELECT l.id AS left_id, r.id AS right_id FROM l JOIN r ON l.x = r.x')).valid).toBe(true);
  });
});
