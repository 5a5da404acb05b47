import { z } from 'zod';

/**
 * Names the reading of the data that is meant, in any words of the caller's own. Rows of a database that are kept from another
 * reading are not used but read anew; the same name again finds what it read, for a minute. Without a name rows that are kept
 * from any nameless reading will do. Rows of an upload never change, so the name has no say in them.
 *
 * @example { recipe, files: {}, reading: 'page-7f3a-2' }
 */
export const readingSchema = z.string().min(1).max(100).optional();
