import { and, desc, eq, inArray, lt, notInArray, or } from 'drizzle-orm';
import type { PageQuery } from '../cursor.server.ts';
import { pageOf, placeOf } from '../cursor.server.ts';
import type { Db } from '../db/database.server.ts';
import { runs, uploads } from '../db/schema.server.ts';

export type UploadRow = typeof uploads.$inferSelect;

export async function insertUpload(db: Db, row: UploadRow): Promise<void> {
  await db.insert(uploads).values(row);
}

export async function findUpload(db: Db, uploadId: string): Promise<UploadRow | undefined> {
  const [row] = await db.select().from(uploads).where(eq(uploads.uploadId, uploadId));
  return row;
}

export async function pageUploads(db: Db, query: PageQuery): Promise<{ items: UploadRow[]; next: string | null }> {
  const place = placeOf(query.cursor);
  const rows = await db
    .select()
    .from(uploads)
    .where(
      place &&
        or(lt(uploads.createdAt, place.at), and(eq(uploads.createdAt, place.at), lt(uploads.uploadId, place.id))),
    )
    .orderBy(desc(uploads.createdAt), desc(uploads.uploadId))
    .limit(query.limit + 1);
  return pageOf(rows, query.limit, (row) => ({ at: row.createdAt, id: row.uploadId }));
}

export async function updateUpload(
  db: Db,
  uploadId: string,
  change: Pick<UploadRow, 'options' | 'description'>,
): Promise<void> {
  await db.update(uploads).set(change).where(eq(uploads.uploadId, uploadId));
}

export async function deleteUpload(db: Db, uploadId: string): Promise<void> {
  await db.delete(uploads).where(eq(uploads.uploadId, uploadId));
}

/** Ids of uploads that a run which is still going reads. */
export async function uploadsInUse(db: Db): Promise<Set<string>> {
  const rows = await db
    .select({ files: runs.files })
    .from(runs)
    .where(notInArray(runs.status, ['completed', 'failed', 'cancelled']));
  return new Set(rows.flatMap((row) => Object.values(row.files).map((file) => file.upload_id)));
}

/** Takes uploads older than `before` out of the database, except those in use, and returns them so that their bytes can go too. */
export async function takeExpiredUploads(db: Db, before: Date): Promise<UploadRow[]> {
  const used = await uploadsInUse(db);
  const old = await db.select({ id: uploads.uploadId }).from(uploads).where(lt(uploads.createdAt, before));
  const ids = old.map((row) => row.id).filter((id) => !used.has(id));
  if (ids.length === 0) return [];
  return db.delete(uploads).where(inArray(uploads.uploadId, ids)).returning();
}
