import { ConnectorError, quoteIdentifier } from '@kalla/core';
import type { CatalogColumn, Relation } from './catalog.ts';
import type { Session } from './session.ts';
import { isUnboundedNumeric, type NumericFacts, type TypeFacts } from './types.ts';

/** How long the values of numerics without precision may be looked through; longer, and they are read as text. */
const LOOK_MS = 15_000;
/** Columns that are looked at in one statement: each takes four of the 1,664 places of a SELECT list. */
const LOOK_COLUMNS = 400;

/** Looks up what the mapping of some types depends on. Costs a pass over the table where it has numerics without precision. */
export async function readTypeFacts(
  session: Session,
  relation: Relation,
  columns: readonly CatalogColumn[],
): Promise<TypeFacts> {
  const hasMoney = columns.some((column) => column.typeName === 'money');
  return {
    moneyScale: hasMoney ? await moneyScale(session) : 2,
    numerics: await numerics(
      session,
      relation,
      columns.filter((column) => column.readable && isUnboundedNumeric(column)),
    ),
  };
}

async function moneyScale(session: Session): Promise<number> {
  const [row] = await session.rows<{ scale: number }>("SELECT scale('1'::money::numeric) AS scale");
  return row?.scale ?? 2;
}

async function numerics(
  session: Session,
  relation: Relation,
  columns: readonly CatalogColumn[],
): Promise<Map<string, NumericFacts>> {
  const facts = new Map<string, NumericFacts>();
  for (let start = 0; start < columns.length; start += LOOK_COLUMNS) {
    await look(session, relation, columns.slice(start, start + LOOK_COLUMNS), facts);
  }
  return facts;
}

async function look(
  session: Session,
  relation: Relation,
  columns: readonly CatalogColumn[],
  facts: Map<string, NumericFacts>,
): Promise<void> {
  // scale() of NaN and of the infinities is NULL, so it also tells them from the finite values.
  const looks = columns.flatMap((column, i) => {
    const name = quoteIdentifier(column.name);
    return [
      `coalesce(max(scale(${name})), 0) AS s${i}`,
      `coalesce(length(trunc(max(abs(${name})) FILTER (WHERE scale(${name}) IS NOT NULL))::text), 0) AS d${i}`,
      `(count(${name}) - count(scale(${name})))::float8 AS x${i}`,
      `count(${name})::float8 AS n${i}`,
    ];
  });
  const from = `${quoteIdentifier(relation.schema)}.${quoteIdentifier(relation.name)}`;
  await session.rows(`SAVEPOINT look; SET LOCAL statement_timeout = ${LOOK_MS}`);
  try {
    const [row] = await session.rows<Record<string, number>>(
      `SELECT ${looks.join(', ')} FROM ${from}`,
      [],
      relation.id,
    );
    columns.forEach((column, i) => {
      facts.set(column.name, {
        scale: row?.[`s${i}`] ?? 0,
        integerDigits: row?.[`d${i}`] ?? 0,
        nonFinite: row?.[`x${i}`] ?? 0,
        values: row?.[`n${i}`] ?? 0,
      });
    });
  } catch (error) {
    const timedOut = ConnectorError.is(error) && (error.cause as { code?: string } | undefined)?.code === '57014';
    if (!timedOut) throw error;
    for (const column of columns) facts.set(column.name, null);
  }
  await session.rows('ROLLBACK TO look');
}
