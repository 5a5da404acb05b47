import { z } from 'zod';
import { columnTypeSchema } from './column-type.ts';
import { aliasSchema } from './recipe.ts';
import { ruleSchema } from './rule/rule.ts';

/**
 * A source as a worker gets it, complete in itself. Either `uri` alone, as in the seed (the connector is found by scheme or
 * file ending), or `type` with the connector's `config` and the `table` in it. May hold secrets: never log one.
 */
export const sourceRefSchema = z
  .object({
    alias: aliasSchema.optional(),
    type: z.string().optional(),
    uri: z.string().optional(),
    config: z.unknown().optional(),
    table: z.string().optional(),
    /** Reading options of a file, as in an upload: `delimiter`, `encoding`, `header`, `decimal`, `date_order`, `columns` … */
    options: z.record(z.string(), z.unknown()).optional(),
    /** The name people know the file by. */
    filename: z.string().optional(),
    /** Columns that a recipe expects; absent ones stop the run with a sentence that names them. */
    expected_columns: z.array(z.string()).optional(),
    /** Types that the recipe was made with, for columns that the file shows otherwise; see `ReadRequest.types`. */
    column_types: z.record(z.string(), columnTypeSchema).optional(),
    /**
     * Package and exact version of the connector, so that a retry reads in the same way. `integrity` names the build: a folder or a
     * packed file may be installed twice under one version.
     */
    connector: z.object({ package: z.string(), version: z.string(), integrity: z.string().optional() }).optional(),
    /** SHA-256 of an uploaded file, for the manifest. */
    sha256: z.string().optional(),
  })
  .refine((source) => source.uri !== undefined || source.config !== undefined, {
    message: 'A source needs a "uri" or a "config".',
  })
  .meta({ id: 'SourceRef' });
export type SourceRef = z.infer<typeof sourceRefSchema>;

/**
 * The seed's self-contained job payload, and what a retry needs besides. The first source is the left side.
 * All that the seed does not name is optional: its payload is accepted as it stands.
 */
export const jobPayloadSchema = z
  .object({
    run_id: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,80}$/, 'A run_id has letters, digits, hyphens and underscores, at most 80.'),
    /** Ends in `/progress`; `/complete` and `/error` are its siblings. */
    callback_url: z.url(),
    match_sql: z.string().min(1),
    sources: z.array(z.intersection(sourceRefSchema, z.object({ alias: aliasSchema }))).length(2),
    /** Folder URI under which the results go. */
    output_path: z.string().min(1),
    primary_keys: z.record(z.string(), z.array(z.string()).min(1)),
    /** The clicks that `match_sql` was made of: they say which columns are compared as texts. */
    rule: ruleSchema.optional(),
    /** Counts from 1; a callback of an earlier attempt is ignored. */
    attempt: z.number().int().positive().default(1),
    /** Sent as bearer token with each callback; valid for this run only. */
    callback_token: z.string().optional(),
    recipe: z.object({ recipe_id: z.string(), version: z.number().int() }).optional(),
    limits: z
      .object({
        /** DuckDB memory, in bytes. */
        memory_bytes: z.number().int().positive().optional(),
        /** Wall-clock seconds for the match. */
        match_seconds: z.number().positive().optional(),
      })
      .optional(),
  })
  .meta({ id: 'JobPayload' });
export type JobPayload = z.infer<typeof jobPayloadSchema>;
export type JobPayloadInput = z.input<typeof jobPayloadSchema>;

/** The three callback addresses of a job. */
export function callbackUrls(callbackUrl: string): { progress: string; complete: string; error: string } {
  const sibling = (name: string) => {
    const url = new URL(callbackUrl);
    url.pathname = url.pathname.replace(/\/[^/]*\/?$/, `/${name}`);
    return url.href;
  };
  return { progress: callbackUrl, complete: sibling('complete'), error: sibling('error') };
}
