import { z } from 'zod';
import { columnInfoSchema, noteSchema } from './column.ts';

const count = z.number().int().nonnegative();

export const resultSets = ['matched', 'unmatched_left', 'unmatched_right'] as const;
export type ResultSet = (typeof resultSets)[number];

/**
 * What a run found. `matched` counts result rows; `matched_left_rows` and `matched_right_rows` count distinct staged rows
 * that appear in it, so that always left = matched_left_rows + unmatched_left, and the same on the right.
 */
export const countsSchema = z
  .object({
    left: count,
    right: count,
    matched: count,
    unmatched_left: count,
    unmatched_right: count,
    matched_left_rows: count,
    matched_right_rows: count,
  })
  .meta({ id: 'Counts' });
export type Counts = z.infer<typeof countsSchema>;

/** True where every row of both sides is accounted for. */
export function accountsForEveryRow(counts: Counts): boolean {
  return (
    counts.left === counts.matched_left_rows + counts.unmatched_left &&
    counts.right === counts.matched_right_rows + counts.unmatched_right
  );
}

/** What is worth knowing about the keys of one side; rows are reported here and never dropped. */
export const keyReportSchema = z
  .object({
    /** Rows whose key has a NULL in it: they can never match. */
    null_key_rows: count,
    /** Different keys that more than one row has. */
    duplicate_keys: count,
    /** Rows that carry such a key. */
    duplicate_key_rows: count,
  })
  .meta({ id: 'KeyReport' });
export type KeyReport = z.infer<typeof keyReportSchema>;

const sideSchema = z.object({
  alias: z.string(),
  type: z.string(),
  /** Without secrets. */
  uri: z.string().optional(),
  filename: z.string().optional(),
  sha256: z.string().optional(),
  rows: count,
  columns: z.array(columnInfoSchema),
  primary_key: z.array(z.string()),
  keys: keyReportSchema,
  notes: z.array(noteSchema),
  connector: z.object({ package: z.string(), version: z.string() }).optional(),
  /** SHA-256 of the staged Parquet file. */
  staged_sha256: z.string().optional(),
});

/** Exact sums as text, by set and then by numeric column. Columns of `float` type are left out: their sums are not exact. */
export const sumsSchema = z
  .record(z.enum(['left', 'right', ...resultSets]), z.record(z.string(), z.string()))
  .meta({ id: 'Sums' });
export type Sums = z.infer<typeof sumsSchema>;

/** Exact sums by currency, largest group first. `column` is null where no column names a currency: then there is one group. */
export const currencySumsSchema = z
  .object({
    column: z.string().nullable(),
    groups: z.array(z.object({ currency: z.string().nullable(), rows: count, sums: z.record(z.string(), z.string()) })),
    /** True where there are more currencies than a person would read: then the groups are left out. */
    too_many: z.boolean().optional(),
  })
  .meta({ id: 'CurrencySums' });
export type CurrencySums = z.infer<typeof currencySumsSchema>;

/** `manifest.json`, published last: where it is absent there is no result. */
export const resultManifestSchema = z
  .object({
    kalla: z.literal(1),
    run_id: z.string(),
    attempt: z.number().int(),
    recipe: z.object({ recipe_id: z.string(), version: z.number().int() }).optional(),
    match_sql: z.string(),
    counts: countsSchema,
    sums: sumsSchema,
    /** Sums by currency, of all rows and of the unmatched rows of a side that has a currency column. */
    by_currency: z
      .object({
        left: currencySumsSchema.optional(),
        right: currencySumsSchema.optional(),
        unmatched_left: currencySumsSchema.optional(),
        unmatched_right: currencySumsSchema.optional(),
      })
      .optional(),
    left: sideSchema,
    right: sideSchema,
    outputs: z.record(
      z.enum(resultSets),
      z.object({ file: z.string(), rows: count, bytes: count, sha256: z.string(), columns: z.array(columnInfoSchema) }),
    ),
    /** Sentences about things a reader of the result should know. */
    warnings: z.array(noteSchema),
    engine: z.object({ name: z.string(), version: z.string() }),
    started_at: z.string(),
    finished_at: z.string(),
  })
  .meta({ id: 'ResultManifest' });
export type ResultManifest = z.infer<typeof resultManifestSchema>;
