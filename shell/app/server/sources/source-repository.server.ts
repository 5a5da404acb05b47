import { and, asc, desc, eq, lt, or } from 'drizzle-orm';
import { pageOf, placeOf, type PageQuery } from '../cursor.server.ts';
import type { Db } from '../db/database.server.ts';
import { sources, sourceSecrets } from '../db/schema.server.ts';

export type SourceRow = typeof sources.$inferSelect;

/** False where the alias is taken. */
export async function insertSource(db: Db, row: SourceRow, sealed: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    const added = await tx.insert(sources).values(row).onConflictDoNothing().returning({ alias: sources.alias });
    if (added.length === 0) return false;
    await tx.insert(sourceSecrets).values({ alias: row.alias, sealed });
    return true;
  });
}

export async function findSource(db: Db, alias: string): Promise<SourceRow | undefined> {
  const [row] = await db.select().from(sources).where(eq(sources.alias, alias));
  return row;
}

/** The sealed secrets of a source. */
export async function findSecrets(db: Db, alias: string): Promise<string | undefined> {
  const [row] = await db.select().from(sourceSecrets).where(eq(sourceSecrets.alias, alias));
  return row?.sealed;
}

/** Every source, by alias. */
export async function allSources(db: Db): Promise<SourceRow[]> {
  return db.select().from(sources).orderBy(asc(sources.alias));
}

export async function pageSources(db: Db, query: PageQuery): Promise<{ items: SourceRow[]; next: string | null }> {
  const place = placeOf(query.cursor);
  const rows = await db
    .select()
    .from(sources)
    .where(
      place && or(lt(sources.createdAt, place.at), and(eq(sources.createdAt, place.at), lt(sources.alias, place.id))),
    )
    .orderBy(desc(sources.createdAt), desc(sources.alias))
    .limit(query.limit + 1);
  return pageOf(rows, query.limit, (row) => ({ at: row.createdAt, id: row.alias }));
}

/** False where the source is gone. */
export async function updateSource(db: Db, row: SourceRow, sealed: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    const found = await tx
      .update(sources)
      .set(row)
      .where(eq(sources.alias, row.alias))
      .returning({ alias: sources.alias });
    if (found.length === 0) return false;
    await tx
      .insert(sourceSecrets)
      .values({ alias: row.alias, sealed })
      .onConflictDoUpdate({ target: sourceSecrets.alias, set: { sealed } });
    return true;
  });
}

/** Deletes a source with its secrets. */
export async function deleteSource(db: Db, alias: string): Promise<void> {
  await db.delete(sources).where(eq(sources.alias, alias));
}
