import { ProblemError } from '@kalla/core';
import { z } from 'zod';

/** The place in a list, newest first, after which the next page begins. */
export interface ListPlace {
  at: Date;
  id: string;
}

export const pageQuerySchema = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type PageQuery = z.infer<typeof pageQuerySchema>;

const placeSchema = z.tuple([z.iso.datetime(), z.string()]);

/** The cursor of a place, as it stands in `next`. */
export function cursorOf(place: ListPlace): string {
  return Buffer.from(JSON.stringify([place.at.toISOString(), place.id])).toString('base64url');
}

/** Reads a cursor; throws `bad-request` for one that is not ours. */
export function placeOf(cursor: string | undefined): ListPlace | undefined {
  if (cursor === undefined) return undefined;
  try {
    const [at, id] = placeSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { at: new Date(at), id };
  } catch (cause) {
    throw new ProblemError(
      'bad-request',
      'The cursor is not one that a list gave out.',
      [{ field: 'cursor', message: 'unknown cursor' }],
      cause,
    );
  }
}

/** Cuts the one row too many that a query asked for, and makes `next` from the last that stays. */
export function pageOf<T>(rows: T[], limit: number, place: (row: T) => ListPlace): { items: T[]; next: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? cursorOf(place(last)) : null };
}
