import { z } from 'zod';
import { columnInfoSchema, jsonCellSchema } from './column.ts';
import { aliasSchema } from './recipe.ts';

/** Bodies of the calls with which a source is set up: what is looked at before it is saved, and the proof of its key. */

/** A source that is being set up and is not saved yet. May hold secrets: never log it. */
export const sourceDraftSchema = z
  .object({
    type: z.string().min(1),
    config: z.record(z.string(), z.unknown()),
    table: z.string().optional(),
    /** The saved source that is being changed: secrets that `config` does not name are taken from it. */
    alias: aliasSchema.optional(),
  })
  .meta({ id: 'SourceDraft' });
export type SourceDraft = z.infer<typeof sourceDraftSchema>;

/** Columns to be tried as key; where absent, a key is looked for. */
export const keysRequestSchema = z
  .object({ columns: z.array(z.string().min(1)).min(1).max(32).optional() })
  .meta({ id: 'KeysRequest' });

/** Where a key comes from: asked for, declared by the source, a unique index of it, found in the data, or the row number of a file. */
export const keyOrigins = ['asked', 'declared', 'index', 'data', 'row-number'] as const;

/** How well columns tell the rows of a source apart, counted on its own rows. */
export const keyProofSchema = z
  .object({
    /** Empty where no column is suited. */
    columns: z.array(z.string()),
    origin: z.enum(keyOrigins),
    /** True where every row has a value of its own and none is empty. */
    unique: z.boolean(),
    rows: z.number().int().nonnegative(),
    /** Different values among the rows whose key is not empty. */
    distinct: z.number().int().nonnegative(),
    /** Rows where a part of the key is empty. */
    null_rows: z.number().int().nonnegative(),
    /** Rows that share their value with another. */
    duplicate_rows: z.number().int().nonnegative(),
    /** Values that appear more than once, the most frequent first. */
    examples: z.array(z.object({ values: z.record(z.string(), jsonCellSchema), rows: z.number().int() })),
    /** The type of each column, to write the examples. */
    types: z.array(columnInfoSchema),
    /** False where the source has more rows than were counted. */
    complete: z.boolean(),
  })
  .meta({ id: 'KeyProof' });
export type KeyProof = z.infer<typeof keyProofSchema>;

/** An address that was taken apart into the settings of its connector, secrets among them. Never log it. */
export const readAddressSchema = z
  .object({
    type: z.string(),
    config: z.record(z.string(), z.unknown()),
    table: z.string().nullable(),
  })
  .meta({ id: 'ReadAddress' });
export type ReadAddress = z.infer<typeof readAddressSchema>;

/** `uri` is the address; `type` the connector that is to read it, where it is known. */
export const addressSchema = z
  .object({ uri: z.string().min(1).max(200_000), type: z.string().optional() })
  .meta({ id: 'Address' });
