import { z } from 'zod';
import { columnInfoSchema, noteSchema } from './column.ts';
import { problemSchema } from './problem.ts';
import { progressSchema } from './progress.ts';
import { aliasSchema, recipeSchema } from './recipe.ts';
import { countsSchema, keyReportSchema, sumsSchema } from './result.ts';

/** Bodies of the shell's API as `API.md` pins them. The OpenAPI document is generated from these. */

/** How to read a delimited file or a sheet of a workbook; everything absent is detected. */
export const uploadOptionsSchema = z
  .strictObject({
    sheet: z.string().min(1).max(255).optional().meta({
      title: 'Sheet',
      description: 'Name of the sheet of a workbook; absent: the first visible one with data.',
    }),
    delimiter: z
      .string()
      .length(1)
      .optional()
      .meta({ title: 'Separator', description: 'The character between two cells, for example ; or a tab.' }),
    quote: z
      .string()
      .max(1)
      .optional()
      .meta({ title: 'Quotation mark', description: 'The character around cells that hold the separator.' }),
    encoding: z
      .enum(['utf-8', 'utf-16le', 'utf-16be', 'latin1', 'windows-1252'])
      .optional()
      .meta({ title: 'Encoding', description: 'How letters are stored. Older bank files are often windows-1252.' }),
    header: z.boolean().optional().meta({
      title: 'First row has the column names',
      description: 'No: the columns are called column_1, column_2 …',
    }),
    /** Lines above the header that are left out. */
    skip_lines: z
      .number()
      .int()
      .min(0)
      .max(10_000)
      .optional()
      .meta({ title: 'Lines above the column names', description: 'They are left out, and the run says so.' }),
    /** Lines below the last row that are left out. */
    skip_footer: z
      .number()
      .int()
      .min(0)
      .max(10_000)
      .optional()
      .meta({ title: 'Lines below the last row', description: 'They are left out, and the run says so.' }),
    decimal: z
      .enum(['.', ','])
      .optional()
      .meta({ title: 'Decimal sign', description: '1,234.56 has a point, 1.234,56 has a comma.' }),
    date_order: z
      .enum(['dmy', 'mdy', 'ymd'])
      .optional()
      .meta({ title: 'Order of dates', description: 'dmy: 31.12.2026. mdy: 12/31/2026. ymd: 2026-12-31.' }),
    /** Column types that the user insists on, by column name. */
    columns: z.record(z.string(), z.string()).optional().meta({
      title: 'Types of columns',
      description: 'By column name, for columns that are to be read in another way than was found.',
    }),
  })
  .meta({ id: 'UploadOptions' });
export type UploadOptions = z.infer<typeof uploadOptionsSchema>;

export const uploadSchema = z
  .object({
    upload_id: z.string(),
    filename: z.string(),
    format: z.string(),
    bytes: z.number().int(),
    sha256: z.string(),
    row_count: z.number().int(),
    columns: z.array(columnInfoSchema),
    key_candidates: z.array(z.array(z.string())),
    notes: z.array(noteSchema),
    created_at: z.string(),
  })
  .meta({ id: 'Upload' });
export type Upload = z.infer<typeof uploadSchema>;

/** An event of an upload that is followed, from when the server has the file: how much of it is looked through, or the end. */
export const uploadEventSchema = z
  .object({
    /** 0 to 1, never less than before. */
    progress: z.number().min(0).max(1).optional(),
    /** What the file is: the last event. */
    upload: uploadSchema.optional(),
  })
  .meta({ id: 'UploadEvent' });
export type UploadEvent = z.infer<typeof uploadEventSchema>;

export const sourceInputSchema = z
  .object({
    alias: aliasSchema,
    type: z.string(),
    uri: z.string().optional(),
    config: z.record(z.string(), z.unknown()).optional(),
    table: z.string().optional(),
    primary_key: z.array(z.string()).min(1).optional(),
  })
  .meta({ id: 'SourceInput' });
export const sourcePatchSchema = sourceInputSchema
  .omit({ alias: true, type: true })
  .partial()
  .meta({ id: 'SourcePatch' });
export const sourceSchema = z
  .object({
    alias: aliasSchema,
    type: z.string(),
    /** Without secrets. */
    uri: z.string(),
    config: z.record(z.string(), z.unknown()),
    /** Names of the secret fields that are set. */
    secrets_set: z.array(z.string()),
    table: z.string().nullable(),
    primary_key: z.array(z.string()).nullable(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Source' });
export type Source = z.infer<typeof sourceSchema>;

export const storedRecipeSchema = recipeSchema
  .safeExtend({
    version: z.number().int().positive(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'StoredRecipe' });
export type StoredRecipe = z.infer<typeof storedRecipeSchema>;

export const runStatuses = ['queued', 'staging', 'matching', 'completed', 'failed', 'cancelled'] as const;
export const runInputSchema = z
  .object({
    recipe_id: z.string(),
    /** Upload ids by source alias, one for each `file` source. */
    files: z.record(z.string(), z.string()).default({}),
  })
  .meta({ id: 'RunInput' });

const runSideSchema = z.object({
  alias: z.string(),
  type: z.string(),
  filename: z.string().optional(),
  upload_id: z.string().optional(),
  uri: z.string().optional(),
  primary_key: z.array(z.string()),
  columns: z.array(columnInfoSchema).optional(),
  keys: keyReportSchema.optional(),
  notes: z.array(noteSchema).optional(),
});
export const runSchema = z
  .object({
    run_id: z.string(),
    recipe_id: z.string(),
    recipe_name: z.string(),
    recipe_version: z.number().int(),
    /** Its recipe is gone: the run stays and cannot be run again. Said of a run that is asked for, not of each of its states. */
    recipe_deleted: z.literal(true).optional(),
    match_description: z.string(),
    match_sql: z.string(),
    status: z.enum(runStatuses),
    progress: z.array(progressSchema),
    counts: countsSchema.nullable(),
    sums: sumsSchema.nullable(),
    left: runSideSchema,
    right: runSideSchema,
    warnings: z.array(noteSchema),
    error: problemSchema.nullable(),
    created_at: z.string(),
    started_at: z.string().nullable(),
    finished_at: z.string().nullable(),
    attempt: z.number().int(),
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof runSchema>;
export type RunStatus = Run['status'];

/** True once nothing more will change. */
export function isFinished(status: RunStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

export const recipePreviewRequestSchema = z
  .object({
    recipe: recipeSchema,
    files: z.record(z.string(), z.string()).default({}),
    limit: z.number().int().min(0).max(1000).default(20),
  })
  .meta({ id: 'RecipePreviewRequest' });

/** A page of a list, newest first. `next` is the cursor of the following page. */
export function listSchema<T extends z.ZodType>(name: string, item: T) {
  return z.object({ [name]: z.array(item), next: z.string().nullable() });
}
