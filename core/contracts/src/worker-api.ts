import { z } from 'zod';
import { noteSchema, columnInfoSchema, differenceSchema, jsonCellSchema, rowFilterSchema } from './column.ts';
import { columnTypeSchema } from './column-type.ts';
import { checkStepNames } from './connector.ts';
import { connectorKinds, connectorPanelSchema } from './connector-manifest.ts';
import { sourceRefSchema } from './job.ts';
import { readingSchema } from './reading.ts';
import { aliasSchema } from './recipe.ts';
import { countsSchema, keyReportSchema } from './result.ts';
import { ruleSchema } from './rule/rule.ts';

/** An installed build of a package. Other content can come under the same version number: then the rest tells the two apart. */
export const connectorBuildSchema = z.object({
  version: z.string(),
  /** When it was installed, as an instant; null where the lock file does not say. */
  installed_at: z.string().nullable(),
  /** The first characters of the checksum of its packed file; null where the lock file does not say. */
  checksum: z.string().nullable(),
});
export type ConnectorBuild = z.infer<typeof connectorBuildSchema>;

/**
 * What the shell asks of a worker besides jobs. All are `POST` with a JSON body and answer JSON or problem+json, with
 * `WORKER_TOKEN` as bearer token where it is set.
 *
 * | path | body | answer |
 * | --- | --- | --- |
 * | `GET /connectors` | | `{ connectors: ConnectorInfo[] }` |
 * | `POST /connectors/try` | ConnectorTrial | ConnectorTrialResult, or the reason why the package cannot be used |
 * | `POST /jobs` | JobPayload | 202 `{ run_id }` (the same run and attempt twice: 202, once done) |
 * | `GET /jobs/:run_id` | | `{ run_id, attempt, state: queued\|running\|finished }` or 404 |
 * | `DELETE /jobs/:run_id` | | 202 or 404 |
 * | `POST /inspect/normalize` | NormalizeRequest | NormalizedSource |
 * | `POST /inspect/check` | `{ source }` | `text/event-stream`, one CheckStep per `data:` |
 * | `POST /inspect/tables` | `{ source, q?, cursor?, limit? }` | `{ tables: TableRef[], next }` |
 * | `POST /inspect/describe` | `{ source }` | Description; with `accept: text/event-stream` one DescribeEvent per `data:`, the Description last |
 * | `POST /inspect/preview` | `{ source, offset?, limit?, columns?, max_columns? }` | RowsPage |
 * | `POST /inspect/keys` | `{ source, columns? }` | KeyProof |
 * | `POST /recipes/validate` | ValidateRequest | Validation |
 * | `POST /recipes/preview` | PreviewRequest | Preview |
 * | `POST /recipes/counts` | CountsRequest | RecipeCounts |
 * | `POST /suggestions` | SuggestRequest | Suggestions |
 * | `POST /results/rows` | ResultRowsRequest | RowsPage |
 * | `POST /results/summary` | ResultSummaryRequest | SelectionSummary |
 * | `POST /results/candidates` | CandidatesRequest | Candidates |
 * | `POST /results/export` | ResultExportRequest | the bytes, streamed |
 */
export const connectorInfoSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    package: z.string(),
    version: z.string(),
    builtin: z.boolean(),
    kind: z.enum(connectorKinds).default('database'),
    schemes: z.array(z.string()),
    extensions: z.array(z.string()),
    /** JSON Schema of the configuration; secrets are `writeOnly`. */
    config_schema: z.record(z.string(), z.unknown()),
    /** The form that the connector brings for its settings; null where it is drawn from `config_schema`. */
    panel: connectorPanelSchema.nullable(),
    /** Why it cannot be used, where that is so. */
    error: z.string().nullable().default(null),
    /** Of an installed one: the version that can be gone back to. */
    previous_version: z.string().nullable().default(null),
    /** Of an installed one: the build that is in use, and the one that can be gone back to. */
    build: connectorBuildSchema.nullable().default(null),
    previous_build: connectorBuildSchema.nullable().default(null),
  })
  .meta({ id: 'ConnectorInfo' });
export type ConnectorInfo = z.infer<typeof connectorInfoSchema>;

/** A package to be loaded and tried before it is installed. */
export const connectorTrialSchema = z.object({
  /** Folder of the package, relative to the data directory. */
  path: z.string().min(1),
  package: z.string().min(1),
  version: z.string().min(1),
  /**
   * What is to be read with it: saved sources by their settings, something in place of each secret, and sides of recipes by their
   * address. Both are looked at, and nothing is connected to. `alias` is what the answer calls them.
   */
  sources: z
    .array(
      z.object({
        alias: z.string(),
        type: z.string(),
        config: z.record(z.string(), z.unknown()).optional(),
        uri: z.string().optional(),
        table: z.string().optional(),
      }),
    )
    .default([]),
});
export type ConnectorTrial = z.infer<typeof connectorTrialSchema>;

/** Why a saved source, or an address of a recipe, could not be read with a package that is tried. */
export const sourceMisfitSchema = z.object({
  alias: z.string(),
  type: z.string(),
  /** The setting, dotted; null where it is the settings as a whole. */
  setting: z.string().nullable(),
  /** True where the source has no such setting yet. */
  missing: z.boolean(),
  /** A sentence without the values of the settings. */
  message: z.string(),
});
export type SourceMisfit = z.infer<typeof sourceMisfitSchema>;

/** The connectors of a package that works, and what saved sources and addresses lack for it. */
export const connectorTrialResultSchema = z.object({
  connectors: z.array(connectorInfoSchema),
  misfits: z.array(sourceMisfitSchema).default([]),
});
export type ConnectorTrialResult = z.infer<typeof connectorTrialResultSchema>;

export const normalizeRequestSchema = z.object({
  type: z.string().optional(),
  uri: z.string().optional(),
  config: z.unknown().optional(),
  table: z.string().optional(),
});
/** A source's settings, validated by its connector. `uri` and `public_config` hold no secret; `secrets` are the writeOnly fields. */
export const normalizedSourceSchema = z.object({
  type: z.string(),
  table: z.string().nullable(),
  uri: z.string(),
  public_config: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.unknown()),
  connector: z.object({ package: z.string(), version: z.string() }),
});
export type NormalizedSource = z.infer<typeof normalizedSourceSchema>;

export const checkStepSchema = z
  .object({
    step: z.enum(checkStepNames),
    ok: z.boolean(),
    ms: z.number(),
    message: z.string(),
    hint: z.string().optional(),
  })
  .meta({ id: 'CheckStep' });

export const tableRefSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['table', 'view', 'materialized-view', 'foreign-table', 'file', 'sheet', 'index', 'data-stream']),
    rowEstimate: z.number().nullable().optional(),
  })
  .meta({ id: 'TableRef' });

/** What reading a whole source comes to, as it says itself; null where it does not say. Services such as BigQuery bill by bytes. */
export const sourceEstimateSchema = z
  .object({ rows: z.number().nonnegative().nullable(), bytes: z.number().nonnegative().nullable() })
  .meta({ id: 'SourceEstimate' });
export type SourceEstimate = z.infer<typeof sourceEstimateSchema>;

export const descriptionSchema = z
  .object({
    /** Connector id. */
    type: z.string(),
    connector: z.object({ package: z.string(), version: z.string() }),
    columns: z.array(columnInfoSchema),
    primary_key: z.array(z.string()).nullable(),
    key_candidates: z.array(z.array(z.string())),
    row_count: z.number().int().nonnegative().nullable(),
    /** What reading all of it comes to, where the source says so before anything is read. */
    estimate: sourceEstimateSchema.optional(),
    notes: z.array(noteSchema),
    /** Configuration with everything detected written down; goes into the job as `config`. */
    pinned_config: z.unknown(),
  })
  .meta({ id: 'Description' });
export type Description = z.infer<typeof descriptionSchema>;

/** An event of a description that is followed: how much of the source is looked through, or the end. */
export const describeEventSchema = z.object({
  /** 0 to 1, never less than before. */
  progress: z.number().min(0).max(1).optional(),
  /** The last event. */
  description: descriptionSchema.optional(),
});
export type DescribeEvent = z.infer<typeof describeEventSchema>;

/**
 * One side as the validator needs it: with its `columns`, or with their names alone, of which some may have a type; without
 * either only what is independent of them is checked.
 */
export const validateSideSchema = z.object({
  alias: aliasSchema,
  primary_key: z.array(z.string()).min(1),
  columns: z.array(columnInfoSchema).optional(),
  column_names: z.array(z.string()).optional(),
  column_types: z.record(z.string(), columnTypeSchema).optional(),
});
export const validateRequestSchema = z.object({
  match_sql: z.string(),
  left: validateSideSchema,
  right: validateSideSchema,
});
export type ValidateRequest = z.infer<typeof validateRequestSchema>;

export const validationItemSchema = z.object({
  message: z.string(),
  hint: z.string().optional(),
  /** 0-based character in `match_sql`. */
  position: z.number().int().nonnegative().optional(),
  field: z.string().optional(),
});
export const validationSchema = z
  .object({ valid: z.boolean(), errors: z.array(validationItemSchema), warnings: z.array(validationItemSchema) })
  .meta({ id: 'Validation' });
export type Validation = z.infer<typeof validationSchema>;

export const workerPreviewRequestSchema = z.object({
  match_sql: z.string(),
  /** Left, right. */
  sources: z.array(z.intersection(sourceRefSchema, z.object({ alias: aliasSchema }))).length(2),
  primary_keys: z.record(z.string(), z.array(z.string()).min(1)),
  limit: z.number().int().min(0).max(1000).default(20),
  /** The clicks that `match_sql` was made of; the ambiguity of counts is known only with them. */
  rule: ruleSchema.optional(),
});
/** Counts of a rule without its rows. The same sources again are not read again. */
export const workerCountsRequestSchema = workerPreviewRequestSchema
  .omit({ limit: true })
  .extend({ reading: readingSchema });
export type WorkerCountsRequest = z.infer<typeof workerCountsRequestSchema>;

/** One side to find a rule for. */
export const workerSuggestSideSchema = z.object({
  source: sourceRefSchema,
  /** The alias of a registered source; that of a file is made from its name. */
  alias: aliasSchema.optional(),
  /** Columns that are known to tell rows apart. */
  primary_key: z.array(z.string()).min(1).optional(),
  /** Reading options that a recipe has to carry, so that the next file is read in the same way. */
  options: z.record(z.string(), z.unknown()).optional(),
  /** What was noticed when the file was read. */
  notes: z.array(noteSchema).default([]),
});
export const workerSuggestRequestSchema = z.object({
  left: workerSuggestSideSchema,
  right: workerSuggestSideSchema,
  limit: z.number().int().min(1).max(20).default(5),
  reading: readingSchema,
});
export type WorkerSuggestRequest = z.infer<typeof workerSuggestRequestSchema>;
const cells = z.array(z.record(z.string(), jsonCellSchema));
export const previewSchema = z
  .object({
    counts: countsSchema,
    /** True where a source was too large and only its first rows were used. */
    sampled: z.boolean(),
    keys: z.object({ left: keyReportSchema, right: keyReportSchema }),
    warnings: z.array(noteSchema),
    columns: z.object({
      matched: z.array(columnInfoSchema),
      unmatched_left: z.array(columnInfoSchema),
      unmatched_right: z.array(columnInfoSchema),
    }),
    matched: cells,
    unmatched_left: cells,
    unmatched_right: cells,
  })
  .meta({ id: 'Preview' });
export type Preview = z.infer<typeof previewSchema>;

/** `column` ascending, `-column` descending. */
const sort = z.string().optional();
export const resultRowsRequestSchema = z.object({
  /** URI of one result Parquet file. */
  uri: z.string(),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(0).max(10_000).default(100),
  sort,
  filter: z.array(rowFilterSchema).default([]),
  /** Text searched in all columns. */
  q: z.string().optional(),
  /** Columns to make; they are sorted by, filtered by, searched and exported like any other. */
  differences: z.array(differenceSchema).max(20).optional(),
});
export const resultExportRequestSchema = resultRowsRequestSchema
  .omit({ offset: true, limit: true })
  .extend({ format: z.enum(['csv', 'parquet', 'xlsx']) });
export type ResultExportRequest = z.infer<typeof resultExportRequestSchema>;
