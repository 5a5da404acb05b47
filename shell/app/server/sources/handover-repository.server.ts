import { and, desc, eq, gt, isNull, lt } from 'drizzle-orm';
import type { Db } from '../db/database.server.ts';
import { handovers } from '../db/schema.server.ts';

export type HandoverRow = typeof handovers.$inferSelect;

/** A new link; one that still works for the same alias is taken back. */
export async function insertHandover(db: Db, row: HandoverRow): Promise<void> {
  await db.transaction(async (tx) => {
    await revokeHandover(tx, row.alias, row.createdAt);
    await tx.insert(handovers).values(row);
  });
}

export async function findHandover(db: Db, handoverId: string): Promise<HandoverRow | undefined> {
  const [row] = await db.select().from(handovers).where(eq(handovers.handoverId, handoverId));
  return row;
}

/** The newest link of an alias. */
export async function newestHandover(db: Db, alias: string): Promise<HandoverRow | undefined> {
  const [row] = await db
    .select()
    .from(handovers)
    .where(eq(handovers.alias, alias))
    .orderBy(desc(handovers.createdAt), desc(handovers.handoverId))
    .limit(1);
  return row;
}

/** Takes back the links of an alias that still work; false where there was none. */
export async function revokeHandover(db: Db, alias: string, now: Date): Promise<boolean> {
  const open = and(eq(handovers.alias, alias), isNull(handovers.doneAt), isNull(handovers.revokedAt));
  const rows = await db
    .update(handovers)
    .set({ revokedAt: now })
    .where(and(open, gt(handovers.expiresAt, now)))
    .returning({ id: handovers.handoverId });
  return rows.length > 0;
}

/** Uses a link up. Of two that try at the same time one gets true, and the other waits for it and gets false. */
export async function useHandover(db: Db, handoverId: string, now: Date): Promise<boolean> {
  const rows = await db
    .update(handovers)
    .set({ doneAt: now })
    .where(
      and(
        eq(handovers.handoverId, handoverId),
        isNull(handovers.doneAt),
        isNull(handovers.revokedAt),
        gt(handovers.expiresAt, now),
      ),
    )
    .returning({ id: handovers.handoverId });
  return rows.length > 0;
}

/** Ties a link to the source that was made with it. */
export async function linkHandover(db: Db, handoverId: string, source: string): Promise<void> {
  await db.update(handovers).set({ source }).where(eq(handovers.handoverId, handoverId));
}

/** Forgets links that ended before a moment: their sentence is of no use any more. */
export async function forgetHandovers(db: Db, before: Date): Promise<void> {
  await db.delete(handovers).where(lt(handovers.expiresAt, before));
}
