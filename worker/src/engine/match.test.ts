import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { accountsForEveryRow } from '@kalla/core';
import { matchTables, readParquet, stagedTable, table, testContext, type Cell } from '../testing/fixtures.ts';

let context: Awaited<ReturnType<typeof testContext>>;
beforeAll(async () => void (context = await testContext()));
afterAll(() => context.dispose());

const side = async (
  alias: string,
  key: string[],
  columns: Record<string, string>,
  rows: Cell[][],
  dir = context.scratchDir,
) => ({
  staged: await stagedTable(alias, table(columns, rows), dir),
  primaryKey: key,
});

const INVOICES = { id: 'int64', ref: 'text', amount: 'decimal(12,2)' };
const PAYMENTS = { pid: 'text', ref: 'text', amount: 'decimal(12,2)' };

describe('the match', () => {
  it('accounts for every row, keeps cells exact and sums them', async () => {
    const left = await side('invoices', ['id'], INVOICES, [
      ['1', 'A', '10.00'],
      ['2', 'B', '0.10'],
      ['3', 'C', '99999999.99'],
      [null, 'A', '5.00'],
    ]);
    const right = await side('payments', ['pid'], PAYMENTS, [
      ['p1', 'A', '10.00'],
      ['p2', 'B', '0.20'],
      ['p3', 'Z', '1.00'],
    ]);
    const result = await matchTables(
      'SELECT i.id, p.pid, i.amount, p.amount FROM invoices i JOIN payments p ON i.ref = p.ref -- all of them\n;',
      left,
      right,
      context,
    );
    expect(result.counts).toEqual({
      left: 4,
      right: 3,
      matched: 2,
      unmatched_left: 2,
      unmatched_right: 1,
      matched_left_rows: 2,
      matched_right_rows: 2,
    });
    expect(result.outputs.matched.columns.map((column) => `${column.name} ${column.type}`)).toEqual([
      'id int64',
      'pid text',
      'amount decimal(12,2)',
      'amount_2 decimal(12,2)',
    ]);
    expect((await readParquet(result.outputs.unmatched_left.path)).map((row) => row['ref']).sort()).toEqual(['A', 'C']);
    expect(result.sums.left).toEqual({ amount: '100000015.09' });
    expect(result.sums.matched).toEqual({ amount: '10.10', amount_2: '10.20' });
    expect(result.sums.unmatched_left).toEqual({ amount: '100000004.99' });
    expect(result.keys.left).toEqual({ null_key_rows: 1, duplicate_keys: 0, duplicate_key_rows: 0 });
    // The pair of the invoice without a key is no match, and that is said.
    expect(result.warnings.map((warning) => warning.message).join(' ')).toMatch(
      /1 rows of the rule's result have no key/,
    );
  });

  it('leaves rows of outer joins without a partner out of matched', async () => {
    const left = await side('invoices', ['id'], INVOICES, [
      ['1', 'A', '1.00'],
      ['2', 'B', '2.00'],
    ]);
    const right = await side('payments', ['pid'], PAYMENTS, [
      ['p1', 'A', '1.00'],
      ['p2', 'C', '3.00'],
    ]);
    const result = await matchTables(
      'SELECT i.id, p.pid FROM invoices i FULL JOIN payments p ON i.ref = p.ref',
      left,
      right,
      context,
    );
    expect(result.counts).toMatchObject({ matched: 1, unmatched_left: 1, unmatched_right: 1 });
    expect(result.warnings[0]).toMatchObject({ count: 2 });
  });

  it('counts keys that the source does not have, and reports shared keys', async () => {
    const left = await side('invoices', ['id'], INVOICES, [
      ['1', 'A', '1.00'],
      ['1', 'B', '2.00'],
      ['3', 'C', '1.00'],
    ]);
    const right = await side('payments', ['pid'], PAYMENTS, [
      ['p1', 'A', '1.00'],
      ['p2', 'C', '1.00'],
    ]);
    const result = await matchTables(
      'SELECT i.id + 2 AS id, p.pid FROM invoices i JOIN payments p ON i.ref = p.ref',
      left,
      right,
      context,
    );
    expect(result.counts).toEqual({
      left: 3,
      right: 2,
      matched: 2,
      unmatched_left: 2,
      unmatched_right: 0,
      matched_left_rows: 1,
      matched_right_rows: 2,
    });
    expect(result.keys.left).toEqual({ null_key_rows: 0, duplicate_keys: 1, duplicate_key_rows: 2 });
    const said = result.warnings.map((warning) => warning.message).join(' ');
    expect(said).toMatch(/1 rows of "matched" carry a key that is not in "invoices"/);
    expect(said).toMatch(/2 rows of "invoices" share 1 value of id/);
  });

  it('keeps totals of whole numbers exact in Parquet, where DuckDB would make a DOUBLE of them', async () => {
    const big = '9007199254740993';
    const left = await side('a', ['id'], { id: 'int64', cents: 'int64' }, [
      ['1', big],
      ['2', big],
    ]);
    const right = await side('b', ['bid'], { bid: 'int64' }, [['1']]);
    const result = await matchTables(
      'SELECT max(a.id) AS id, b.bid, sum(a.cents) AS total FROM a JOIN b ON a.id >= b.bid GROUP BY b.bid',
      left,
      right,
      context,
    );
    expect(await readParquet(result.outputs.matched.path)).toEqual([{ id: '2', bid: '1', total: '18014398509481986' }]);
  });

  it('uses the row number as key where a file has none', async () => {
    const left = await side('a', ['_row'], { ref: 'text' }, [['x'], ['x'], ['y']]);
    const right = await side('b', ['_row'], { ref: 'text' }, [['x'], ['z']]);
    const result = await matchTables(
      'SELECT a._row AS left__row, b._row AS right__row FROM a JOIN b ON a.ref = b.ref',
      left,
      right,
      context,
    );
    expect(result.counts).toMatchObject({
      matched: 2,
      unmatched_left: 1,
      unmatched_right: 1,
      matched_left_rows: 2,
      matched_right_rows: 1,
    });
    expect(await readParquet(result.outputs.unmatched_left.path)).toEqual([{ ref: 'y', _row: '3' }]);
  });

  it('reports progress and stops at once when cancelled', async () => {
    const own = await testContext({ maxPairs: 10n ** 15n });
    const rows = Array.from({ length: 3100 }, (_, index): Cell[] => [String(index), 'same', '1.00']);
    const left = await side('invoices', ['id'], INVOICES, rows, own.scratchDir);
    const right = await side('payments', ['pid'], PAYMENTS, rows, own.scratchDir);
    const stop = new AbortController();
    const running = matchTables(
      'SELECT i.id, p.pid FROM invoices i JOIN payments p ON i.ref = p.ref AND levenshtein(repeat(CAST(i.id AS VARCHAR), 20), repeat(p.pid, 20)) > 500',
      left,
      right,
      { ...own, signal: stop.signal },
    );
    // The first progress comes just before the pairs are looked at; it waits for that, however slow the machine is.
    const failed = expect(running).rejects.toMatchObject({ kind: 'cancelled' });
    await vi.waitUntil(() => own.progress.length > 0, { timeout: 20_000 });
    setTimeout(() => stop.abort(), 150);
    await failed;
    expect(own.progress[0]).toMatchObject({ stage: 'matching', total_left: 3100 });
    const slow = matchTables(
      'SELECT i.id, p.pid FROM invoices i JOIN payments p ON i.ref = p.ref AND levenshtein(repeat(CAST(i.id AS VARCHAR), 20), repeat(p.pid, 20)) > 500',
      left,
      right,
      { ...own, limits: { ...own.limits, matchSeconds: 0.2 } },
    );
    await expect(slow).rejects.toMatchObject({ problem: { status: 422, title: 'It took too long' } });
    await own.dispose();
  });

  it('refuses rules that explode, fast and with the number of pairs', async () => {
    const rows = (prefix: string) =>
      Array.from({ length: 10_000 }, (_, index): Cell[] => [`${index}`, index % 3 ? 'EUR' : 'USD', `${prefix}.00`]);
    const left = await side('invoices', ['id'], INVOICES, rows('1'));
    const right = await side('payments', ['pid'], PAYMENTS, rows('2'));
    for (const [sql, pairs] of [
      ['SELECT i.id, p.pid FROM invoices i JOIN payments p ON i.ref = p.ref', '55,5'],
      ['SELECT i.id, p.pid FROM invoices i, payments p WHERE p.ref = i.ref AND ABS(i.amount - p.amount) < 5', '55,5'],
      [
        'WITH x AS (SELECT id, lower(ref) AS r FROM invoices) SELECT x.id, p.pid FROM x JOIN payments p ON x.r = lower(p.ref)',
        '55,5',
      ],
      ['SELECT i.id, p.pid FROM invoices i, payments p', '100,000,000'],
      ['SELECT i.id, p.pid FROM invoices i JOIN payments p ON ABS(i.amount - p.amount) < 0.5', '100,000,000'],
    ] as const) {
      const refused = await matchTables(sql, left, right, context).then(
        () => null,
        (error: { problem: { type: string; detail: string } }) => error.problem,
      );
      expect(refused?.type, sql).toMatch(/match-explodes$/);
      expect(refused?.detail, sql).toContain(pairs);
    }
    // Pairs that cannot be counted before: the columns have no source name, or there is no join at all.
    const doubled = Array.from(
      { length: 9 },
      (_, n) => `, c${n + 1} AS (SELECT * FROM c${n} UNION ALL SELECT * FROM c${n})`,
    );
    for (const sql of [
      'SELECT id, pid FROM (SELECT id, ref AS c1 FROM invoices) a JOIN (SELECT pid, ref AS c2 FROM payments) b ON c1 = c2',
      `WITH c0 AS (SELECT i.id, p.pid FROM invoices i JOIN payments p ON CAST(i.id AS VARCHAR) = p.pid)${doubled.join('')} SELECT * FROM c9`,
    ]) {
      const limited = { ...context, limits: { ...context.limits, maxPairs: 2_000_000n } };
      await expect(matchTables(sql, left, right, limited), sql).rejects.toMatchObject({
        problem: { status: 422, detail: expect.stringMatching(/more than the 2,000,000 rows allowed/) },
      });
    }
    // A side without a name in USING can be counted too.
    await expect(
      matchTables(
        'SELECT id, pid FROM (SELECT id, ref FROM invoices) JOIN (SELECT pid, ref FROM payments) USING (ref)',
        left,
        right,
        context,
      ),
    ).rejects.toMatchObject({ problem: { status: 422, title: 'The match rule would not finish' } });
    // The same tables with a condition that tells rows apart go through.
    const fine = await matchTables(
      'SELECT i.id, p.pid FROM invoices i JOIN payments p ON CAST(i.id AS VARCHAR) = p.pid AND i.ref = p.ref',
      left,
      right,
      context,
    );
    expect(fine.counts.matched).toBe(10_000);
  });

  const key = fc.option(fc.integer({ min: 0, max: 6 }).map(String), { freq: 6 });
  const row = fc.tuple(
    key,
    key,
    fc.option(fc.constantFrom('a', 'b', 'c')),
    fc.integer({ min: 0, max: 400 }).map((cents) => (cents / 100).toFixed(2)),
  );
  const rules = [
    'SELECT l.k1 AS left_k1, l.k2 AS left_k2, r.k1 AS right_k1, r.k2 AS right_k2 FROM l JOIN r ON l.ref = r.ref',
    'SELECT l.k1 AS left_k1, l.k2 AS left_k2, r.k1 AS right_k1, r.k2 AS right_k2, l.v FROM l JOIN r ON l.k1 = r.k1 AND r.v BETWEEN l.v - 0.50 AND l.v + 0.50',
    'SELECT l.k1 AS left_k1, l.k2 AS left_k2, r.k1 AS right_k1, r.k2 AS right_k2 FROM l LEFT JOIN r ON l.k1 = r.k1 AND l.k2 = r.k2',
    'SELECT l.k1 AS left_k1, l.k2 AS left_k2, r.k1 AS right_k1, r.k2 AS right_k2 FROM l FULL JOIN r ON l.ref = r.ref AND l.k1 = r.k2',
    'SELECT l.k1 AS left_k1, l.k2 AS left_k2, r.k1 AS right_k1, r.k2 AS right_k2 FROM l JOIN r ON l.v = r.v QUALIFY ROW_NUMBER() OVER (PARTITION BY l.k1 ORDER BY r.k1 NULLS LAST) = 1',
    'SELECT l.k1 AS left_k1, 9 AS left_k2, r.k1 AS right_k1, r.k2 AS right_k2 FROM l JOIN r ON l.ref = r.ref UNION ALL SELECT k1, k2, k1, k2 FROM r WHERE v > 2',
  ];

  it('left = matched left rows + unmatched left, for any tables and rules', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 25 }),
        fc.array(row, { maxLength: 25 }),
        fc.constantFrom(...rules),
        async (leftRows, rightRows, sql) => {
          const columns = { k1: 'int32', k2: 'int64', ref: 'text', v: 'decimal(9,2)' };
          const left = await side('l', ['k1', 'k2'], columns, leftRows);
          const right = await side('r', ['k1', 'k2'], columns, rightRows);
          const result = await matchTables(sql, left, right, context);
          expect(accountsForEveryRow(result.counts)).toBe(true);
          // Against an independent reckoning: a row is unmatched unless its whole key is in the matched file.
          const matched = await readParquet(result.outputs.matched.path);
          const keysOf = (name: string) =>
            new Set(matched.map((item) => `${item[`${name}_k1`]}|${item[`${name}_k2`]}`));
          for (const [name, rows, set] of [
            ['left', leftRows, 'unmatched_left'],
            ['right', rightRows, 'unmatched_right'],
          ] as const) {
            const keys = keysOf(name);
            const expected = rows.filter(([k1, k2]) => k1 === null || k2 === null || !keys.has(`${k1}|${k2}`));
            const got = await readParquet(result.outputs[set].path);
            const text = (list: unknown[]) => list.map((item) => JSON.stringify(item)).sort();
            expect(text(got.map((item) => [item['k1'], item['k2'], item['ref'], item['v']]))).toEqual(text(expected));
          }
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);
});
