import type { ColumnInfo, ColumnType, Connection, ReadPlan } from '@kalla/core';
import { arrowSchemaOf } from '@kalla/core/arrow';
import { must, type ConnectorCheck } from '../check.ts';
import { readAll } from '../read-all.ts';
import { spellRows } from '../spell-cell.ts';
import type { Cell, ConnectorSubject, ExactFixture } from '../subject.ts';
import { calm, withConnection } from '../test-host.ts';

/** Cells without which a round trip proves little. A source that cannot hold one is no source for money. */
const NEEDED: Record<string, (type: ColumnType, cell: Cell) => boolean> = {
  'a negative decimal': (type, cell) => type.startsWith('decimal') && Boolean(cell?.startsWith('-')),
  'a whole number beyond 2^53': (type, cell) => /^-?\d{16,}$/.test(cell ?? '') && /int64|decimal/.test(type),
  'a NULL': (_type, cell) => cell === null,
  'an empty text': (type, cell) => type === 'text' && cell === '',
  'a character beyond U+FFFF': (type, cell) => type === 'text' && /[\u{10000}-\u{10ffff}]/u.test(cell ?? ''),
  'an instant with a time zone': (type, cell) => type === 'timestamptz' && cell !== null,
};

export const exactRowsCheck: ConnectorCheck = {
  title: 'gives every cell back exactly: money, large numbers, NULL and empty text, instants, any character',
  async run(subject) {
    const { exact } = subject.fixtures;
    for (const [what, isIt] of Object.entries(NEEDED)) {
      const there = exact.rows.some((row) => row.some((cell, at) => isIt(exact.columns[at]!.type, cell)));
      must(there, `The exact table holds no cell that is ${what}, so nothing is proved about it.`);
    }
    await withTable(subject, exact, async (connection) => {
      const info = await connection.describe(exact.table, calm());
      sameColumns(info.columns, exact.columns, 'describe()');
      const plan = await connection.plan({ table: exact.table }, calm());
      sameColumns(plan.columns, exact.columns, 'plan()');
      sameRows(await spelled(connection, plan), exact.rows);
    });
  },
};

export const emptyTableCheck: ConnectorCheck = {
  title: 'knows the columns of a table without rows',
  async run(subject) {
    const { empty } = subject.fixtures;
    await withTable(subject, empty, async (connection) => {
      const info = await connection.describe(empty.table, calm());
      sameColumns(info.columns, empty.columns, 'describe()');
      const plan = await connection.plan({ table: empty.table }, calm());
      sameColumns(plan.columns, empty.columns, 'plan()');
      sameRows(await spelled(connection, plan), []);
    });
  },
};

export const projectionCheck: ConnectorCheck = {
  title: 'reads the columns that are asked for, in the order in which they are asked for',
  async run(subject) {
    const { exact } = subject.fixtures;
    const wanted = [exact.columns.length - 1, 0].map((index) => exact.columns[index]!);
    await withTable(subject, exact, async (connection) => {
      const plan = await connection.plan({ table: exact.table, columns: wanted.map(({ name }) => name) }, calm());
      sameColumns(plan.columns, wanted, 'plan() with columns');
      const at = wanted.map(({ name }) => exact.columns.findIndex((column) => column.name === name));
      sameRows(
        await spelled(connection, plan),
        exact.rows.map((row) => at.map((index) => row[index] as Cell)),
      );
    });
  },
};

export const limitCheck: ConnectorCheck = {
  title: 'reads no more rows than the limit, which counts those that the conditions keep',
  async run(subject) {
    const { exact, filters } = subject.fixtures;
    await withTable(subject, exact, async (connection) => {
      const plan = await connection.plan({ table: exact.table, limit: 1 }, calm());
      const rows = await spelled(connection, plan);
      must(rows.length === 1, `A limit of 1 gave ${rows.length} rows.`);
      for (const { filter, rows: kept } of filters) {
        const filtered = await connection.plan({ table: exact.table, filter: [filter], limit: 1 }, calm());
        const found = (await spelled(connection, filtered)).length;
        const condition = JSON.stringify(filter);
        if (filtered.residual.length === 0)
          must(found === Math.min(1, kept), `${condition} is applied, and a limit of 1 gave ${found} rows.`);
        else
          must(
            found === exact.rows.length,
            `${condition} is left over, and a limit of 1 was applied before it: ${found} of ${exact.rows.length} rows.`,
          );
      }
    });
  },
};

/** What the source says it applied, it applied; what it did not, it says. */
export const residualCheck: ConnectorCheck = {
  title: 'is honest about conditions: those it does not apply are left over',
  async run(subject) {
    const { exact, filters } = subject.fixtures;
    must(filters.length > 0, 'The subject names no filter, so nothing is proved.');
    await withTable(subject, exact, async (connection) => {
      for (const { filter, rows } of filters) {
        const plan = await connection.plan({ table: exact.table, filter: [filter] }, calm());
        const applied = plan.residual.length === 0;
        const isLeft = plan.residual.some((left) => JSON.stringify(left) === JSON.stringify(filter));
        must(applied || isLeft, `The condition ${JSON.stringify(filter)} is neither applied nor left over.`);
        const found = (await spelled(connection, plan)).length;
        const wanted = applied ? rows : exact.rows.length;
        must(
          found === wanted,
          `${JSON.stringify(filter)} is said to be ${applied ? 'applied' : 'left over'}: ${wanted} rows, not ${found}.`,
        );
      }
    });
  },
};

export const splitsCheck: ConnectorCheck = {
  title: 'splits a read into parts that together are the whole, without a row twice',
  async run(subject) {
    const { large } = subject.fixtures;
    await withTable(subject, large, async (connection) => {
      const plan = await connection.plan({ table: large.table }, calm());
      must(plan.splits.length > 0, 'The plan has no split.');
      let rows = 0;
      for (const split of plan.splits)
        for await (const batch of connection.read(plan, split, calm())) rows += batch.numRows;
      must(rows === large.rows, `The splits have ${rows} rows together; the table has ${large.rows}.`);
    });
  },
};

async function withTable<T>(
  { plugin, config }: ConnectorSubject,
  fixture: { config?: unknown },
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  return withConnection(plugin, fixture.config ?? config, use);
}

async function spelled(connection: Connection, plan: ReadPlan): Promise<Cell[][]> {
  const batches = await readAll(connection, plan);
  const wanted = arrowSchemaOf(plan.columns);
  for (const batch of batches) {
    const same = batch.schema.fields.map(String).join() === wanted.fields.map(String).join();
    must(same, `A batch has the schema ${batch.schema.toString()}, the plan ${wanted.toString()}.`);
  }
  return spellRows(
    batches,
    plan.columns.map(({ type }) => type),
  );
}

function sameColumns(found: readonly ColumnInfo[], wanted: ExactFixture<unknown>['columns'], where: string): void {
  const show = (columns: ExactFixture<unknown>['columns']) =>
    columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  must(show(found) === show(wanted), `${where} gives the columns ${show(found)}, not ${show(wanted)}.`);
}

/** The same rows, in any order. */
function sameRows(found: readonly Cell[][], wanted: readonly (readonly Cell[])[]): void {
  const sorted = (rows: readonly (readonly Cell[])[]) => rows.map((row) => JSON.stringify(row)).sort();
  const [a, b] = [sorted(found), sorted(wanted)];
  const missing = b.filter((row) => !a.includes(row));
  const extra = a.filter((row) => !b.includes(row));
  must(
    a.length === b.length && missing.length === 0 && extra.length === 0,
    `${a.length} rows, ${b.length} are in the table. Missing: ${missing.slice(0, 3).join(' ')}. Not there: ${extra.slice(0, 3).join(' ')}.`,
  );
}
