import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ObjectStore } from '@kalla/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Engine } from '../engine/engine.ts';
import type { TaskContext } from '../task-contract.ts';
import { findCandidates } from './find-candidates.ts';
import { readResultRows } from './read-result-rows.ts';
import { summarizeSelection } from './summarize-selection.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'kalla-views-'));
const file = (name: string) => path.join(folder, `${name}.parquet`);
const scratchDir = path.join(folder, 'scratch', 'task');
const context = {
  signal: new AbortController().signal,
  scratchDir,
  // Reading a result needs nothing of a store but the place of a file.
  store: { keyOf: (uri: string) => uri, localPath: (key: string) => Promise.resolve(key) } as unknown as ObjectStore,
  limits: { memoryBytes: 500_000_000, matchSeconds: 60, maxPairs: 1n, threads: 2 },
} as TaskContext;

const ledger = `
  (1, 'L-1', 'INV-00042', 'Müller GmbH', 100.00, 'EUR', DATE '2026-01-10'),
  (2, 'L-2', 'INV-00077', 'Jones', -50.25, 'USD', DATE '2026-01-12'),
  (3, 'L-3', NULL, 'Nobody', 987654321.01, 'EUR', NULL),
  (4, 'L-4', 'INV-00099', 'Ltd', 20.00, NULL, DATE '2026-02-01'),
  (5, 'L-5', 'INV-00500', 'Late', 300.00, 'EUR', DATE '2026-03-01')`;
const bank = `
  ('B-1', 'inv 42, thank you', 75.00, 'EUR', DATE '2026-01-11'),
  ('B-2', 'thank you', 100.00, 'EUR', DATE '2026-01-30'),
  ('B-3', 'inv/77', -50.25, 'EUR', DATE '2026-01-12'),
  ('B-4', 'thank you', 50.25, 'USD', DATE '2026-01-13'),
  ('B-5', 'thank you', 304.00, 'EUR', DATE '2026-03-03'),
  ('B-6', 'other', 1.00, 'EUR', DATE '2026-03-03')`;
const matched = `
  ('L-90', 'B-90', 'INV-00099', 20.00, 20.50, DATE '2026-02-01', TIMESTAMP '2026-02-03 23:59:59', 'EUR'),
  ('L-91', 'B-91', 'INV-00091', 99999999999999999999999999999999999.99, 0.01, DATE '2026-02-01', NULL, 'EUR'),
  ('L-92', 'B-92', 'INV-00092', 5.00, 5.00, DATE '2026-02-28', TIMESTAMP '2026-03-01 00:00:00', 'USD')`;

beforeAll(async () => {
  mkdirSync(scratchDir, { recursive: true });
  await using engine = await Engine.open({ memoryBytes: 500_000_000, threads: 1 });
  const write = (name: string, sql: string) => engine.run(`COPY (${sql}) TO '${file(name)}' (FORMAT parquet)`);
  await write(
    'left',
    `SELECT entry, invoice, customer, CAST(amount AS DECIMAL(12,2)) AS amount, currency, booked
     FROM (VALUES ${ledger}) t(n, entry, invoice, customer, amount, currency, booked) ORDER BY n`,
  );
  await write(
    'right',
    `SELECT line, memo, CAST(amount AS DECIMAL(12,3)) AS amount, ccy, paid_on
     FROM (VALUES ${bank}) t(line, memo, amount, ccy, paid_on) ORDER BY line`,
  );
  await write(
    'matched',
    `SELECT entry, line, invoice, CAST(a AS DECIMAL(37,2)) AS ledger_amount, CAST(b AS DECIMAL(12,2)) AS bank_amount, booked, paid, currency
     FROM (VALUES ${matched}) t(entry, line, invoice, a, b, booked, paid, currency) ORDER BY entry`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('difference columns', () => {
  const rows = (query: Partial<Parameters<typeof readResultRows>[0]>) =>
    readResultRows({ uri: file('matched'), offset: 0, limit: 10, filter: [], ...query }, context);
  const amount = 'ledger_amount − bank_amount';

  it('are exact to the last digit, of amounts and of days', async () => {
    const page = await rows({
      differences: [
        ['ledger_amount', 'bank_amount'],
        ['paid', 'booked'],
      ],
    });
    expect(page.columns.slice(-2)).toEqual([
      { name: amount, type: 'decimal(38,2)' },
      { name: 'paid − booked', type: 'int64' },
    ]);
    expect(page.rows.map((row) => [row[amount], row['paid − booked']])).toEqual([
      ['-0.50', '2'],
      ['99999999999999999999999999999999999.98', null],
      ['0.00', '1'],
    ]);
    expect(page.row_numbers).toEqual([0, 1, 2]);
  });

  it('have as many digits as there are, where the types have room for more than 38', async () => {
    await using engine = await Engine.open({ memoryBytes: 500_000_000, threads: 1 });
    await engine.run(
      `COPY (SELECT CAST(a AS DECIMAL(38,9)) AS a, CAST(b AS DECIMAL(12,2)) AS b, CAST(a AS DECIMAL(38,37)) AS c
         FROM (VALUES ('1.500000001', '-0.50'), ('9.9', NULL)) t(a, b)
       UNION ALL SELECT 99999999999999999999999999999.999999999, -1.00, 1) TO '${file('wide')}' (FORMAT parquet)`,
    );
    const page = await rows({ uri: file('wide'), differences: [['a', 'b']] });
    expect(page.columns.at(-1)).toEqual({ name: 'a − b', type: 'decimal(38,9)' });
    expect(page.rows.map((row) => row['a − b'])).toEqual(['2.000000001', null, null]);
    await expect(rows({ uri: file('wide'), differences: [['c', 'b']] })).rejects.toMatchObject({
      problem: { status: 422, detail: expect.stringMatching(/more than 38 digits/) },
    });
  });

  it('are sorted by and filtered by like any column, and rows keep their number', async () => {
    const page = await rows({
      differences: [['ledger_amount', 'bank_amount']],
      filter: [{ column: amount, op: 'ne', value: '0' }],
      sort: `-${amount}`,
    });
    expect(page.total).toBe(2);
    expect(page.row_numbers).toEqual([1, 0]);
    // The same selection with the difference the other way round must not get the order kept for this one.
    const other = await rows({
      differences: [['bank_amount', 'ledger_amount']],
      sort: '-bank_amount − ledger_amount',
    });
    expect(other.row_numbers).toEqual([0, 2, 1]);
  });

  it('are refused in words where there is none', async () => {
    for (const [difference, sentence] of [
      [['ledger_amount', 'invoice'], /have no exact difference/],
      [['ledger_amount', 'nope'], /no column "nope"/],
      [['booked', 'bank_amount'], /have no exact difference/],
    ] as const) {
      await expect(rows({ differences: [[difference[0], difference[1]]] })).rejects.toMatchObject({
        problem: { status: 422, detail: expect.stringMatching(sentence) },
      });
    }
  });
});

describe('summarizeSelection', () => {
  it('sums by currency, exactly, what is selected', async () => {
    const all = await summarizeSelection({ uri: file('left'), filter: [] }, context);
    expect(all).toEqual({
      rows: 5,
      by_currency: {
        column: 'currency',
        groups: [
          { currency: 'EUR', rows: 3, sums: { amount: '987654721.01' } },
          { currency: 'USD', rows: 1, sums: { amount: '-50.25' } },
          { currency: null, rows: 1, sums: { amount: '20.00' } },
        ],
      },
    });
    const some = await summarizeSelection(
      {
        uri: file('matched'),
        filter: [{ column: 'currency', op: 'eq', value: 'EUR' }],
        differences: [['paid', 'booked']],
      },
      context,
    );
    expect(some.by_currency.groups).toEqual([
      {
        currency: 'EUR',
        rows: 2,
        sums: { ledger_amount: '100000000000000000000000000000000019.99', bank_amount: '20.51', 'paid − booked': '2' },
      },
    ]);
  });
});

describe('findCandidates', () => {
  const ask = async (row: number, from: 'left' | 'right' = 'left') => {
    const request = {
      uri: file(from),
      row,
      other_uri: file(from === 'left' ? 'right' : 'left'),
      matched_uri: file('matched'),
    };
    const found = await findCandidates(request, context);
    const names = found.unmatched.rows.map(({ values }) => values[from === 'left' ? 'line' : 'entry']);
    return { found, names, first: found.unmatched.rows[0] };
  };

  it('finds a reference inside a longer text before a mere amount, and says by how much they differ', async () => {
    const { names, first } = await ask(0);
    expect(names.slice(0, 2)).toEqual(['B-1', 'B-2']);
    expect(first?.relations).toEqual([
      { kind: 'reference', own: 'invoice', other: 'memo', relation: 'contained' },
      { kind: 'currency', own: 'currency', other: 'ccy', relation: 'same' },
      { kind: 'amount', own: 'amount', other: 'amount', relation: 'different', difference: '-25.000' },
      { kind: 'date', own: 'booked', other: 'paid_on', relation: 'different', difference: '1' },
    ]);
  });

  it('knows a reference in another spelling, another currency, and an amount with the other sign', async () => {
    const { names, found } = await ask(1);
    expect(names).toEqual(['B-3', 'B-4']);
    expect(found.unmatched.rows[0]?.relations).toContainEqual({
      kind: 'reference',
      own: 'invoice',
      other: 'memo',
      relation: 'similar',
    });
    expect(found.unmatched.rows[0]?.relations).toContainEqual({
      kind: 'currency',
      own: 'currency',
      other: 'ccy',
      relation: 'different',
    });
    expect(found.unmatched.rows[1]?.relations[0]).toEqual({
      kind: 'amount',
      own: 'amount',
      other: 'amount',
      relation: 'opposite',
    });
  });

  it('finds nothing where nothing is near, and an amount that is close in value and time', async () => {
    expect((await ask(2)).names).toEqual([]);
    expect((await ask(4)).names).toEqual(['B-5']);
  });

  it('shows the matched row that has the same reference', async () => {
    const { found } = await ask(3);
    expect(found.matched.rows.map(({ values }) => values['entry'])).toEqual(['L-90']);
    expect(found.matched.rows[0]?.relations[0]).toEqual({
      kind: 'reference',
      own: 'invoice',
      other: 'invoice',
      relation: 'same',
    });
  });

  it('works from the other side, and says when the row is not there', async () => {
    expect((await ask(0, 'right')).names).toEqual(['L-1']);
    await expect(ask(99)).rejects.toMatchObject({ problem: { status: 404 } });
  });
});
