import type { RowFilter } from '@kalla/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../../testing/require-part.ts';
import { cellsOf } from './testing/cells.ts';
import { calm, createTestDatabase, readAll, type TestDatabase } from './testing/test-database.ts';

describeWith('postgres', 'filters and limits', (address) => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(address);
    await db.sql(`CREATE TABLE f (id int PRIMARY KEY, amount numeric(10,2), t text, d date, at timestamptz, ok bool, iv interval, loose numeric);
      INSERT INTO f VALUES (1, 10.50, 'B', '2026-01-31', '2026-01-31 08:00:00.000001Z', true, '1 day', 1.5), (2, -3, 'a', '2026-02-01', '2026-01-31 08:00Z', false, '2 days', 2),
        (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (4, 10.51, 'it''s; DROP TABLE f --', '0999-12-31', '1960-01-01Z', true, '1 day', 3)`);
  });
  afterAll(() => db[Symbol.asyncDispose]());

  async function ids(filter: RowFilter[], limit?: number): Promise<{ ids: string[]; left: number }> {
    await using connection = db.connect();
    const plan = await connection.plan({ table: 'f', filter, ...(limit === undefined ? {} : { limit }) }, calm());
    const cells = cellsOf(await readAll(connection, plan), 0, 'int32') as string[];
    return { ids: cells.sort(), left: plan.residual.length };
  }

  it.each<[RowFilter, string[]]>([
    [{ column: 'id', op: 'eq', value: '2' }, ['2']],
    [{ column: 'amount', op: 'eq', value: '10.5' }, ['1']],
    [{ column: 'amount', op: 'ne', value: '-3.00' }, ['1', '4']],
    [{ column: 'amount', op: 'gt', value: '10.50' }, ['4']],
    [{ column: 'loose', op: 'lte', value: '2' }, ['1', '2']],
    [{ column: 't', op: 'eq', value: "it's; DROP TABLE f --" }, ['4']],
    [{ column: 't', op: 'lt', value: 'a' }, ['1']],
    [{ column: 'd', op: 'gte', value: '2026-01-31' }, ['1', '2']],
    [{ column: 'at', op: 'lte', value: '2026-01-31T08:00:00Z' }, ['2', '4']],
    [{ column: 'ok', op: 'eq', value: 'false' }, ['2']],
    [{ column: 'iv', op: 'eq', value: '1 day' }, ['1', '4']],
    [{ column: 't', op: 'is_null' }, ['3']],
    [{ column: 'iv', op: 'not_null' }, ['1', '2', '4']],
  ])('applies %o on the server', async (filter, expected) => {
    expect(await ids([filter])).toEqual({ ids: expected, left: 0 });
  });

  it.each<RowFilter>([
    { column: 't', op: 'contains', value: 'b' },
    { column: 't', op: 'starts_with', value: 'B' },
    { column: 'id', op: 'eq', value: '1.5' },
    { column: 'id', op: 'eq', value: "1'; DROP TABLE f --" },
    { column: 'amount', op: 'eq', value: '10.505' },
    { column: 'd', op: 'eq', value: 'today' },
    { column: 'nowhere', op: 'eq', value: '1' },
    { column: 'id', op: 'eq' },
  ])('leaves %o to the caller, with every row', async (filter) => {
    expect(await ids([filter])).toEqual({ ids: ['1', '2', '3', '4'], left: 1 });
    expect((await ids([filter], 2)).ids).toHaveLength(4);
  });

  it('reads no more rows than asked for, in one split', async () => {
    expect((await ids([], 2)).ids).toHaveLength(2);
    expect((await ids([], 0)).ids).toHaveLength(0);
    expect((await ids([{ column: 'ok', op: 'eq', value: 'true' }], 1)).ids).toHaveLength(1);
  });

  it('reports a date that does not exist as a value, not as a fault of ours', async () => {
    await expect(ids([{ column: 'd', op: 'eq', value: '2026-02-31' }])).rejects.toMatchObject({ kind: 'type' });
  });
});
