import type {
  Counts,
  Description,
  Note,
  Problem,
  Progress,
  Recipe,
  ResultManifest,
  Run,
  RunStatus,
  Sums,
} from '@kalla/core';
import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

/** A moment with milliseconds, as JavaScript has them, so that a cursor made from it finds its row again. */
const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** Facts about this database, such as whether the sample was loaded. */
export const settings = pgTable('settings', {
  name: text('name').primaryKey(),
  value: jsonb('value').$type<unknown>().notNull(),
});

export const sources = pgTable('sources', {
  alias: text('alias').primaryKey(),
  type: text('type').notNull(),
  /** Without secrets, like `config`. */
  uri: text('uri').notNull(),
  config: jsonb('config').$type<Record<string, unknown>>().notNull(),
  tableName: text('table_name'),
  primaryKey: jsonb('primary_key').$type<string[]>(),
  connector: jsonb('connector').$type<{ package: string; version: string }>().notNull(),
  secretsSet: jsonb('secrets_set').$type<string[]>().notNull(),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});

/** Secrets of sources stand apart from what is shown; each row is one sealed JSON object. */
export const sourceSecrets = pgTable('source_secrets', {
  alias: text('alias')
    .primaryKey()
    .references(() => sources.alias, { onDelete: 'cascade' }),
  sealed: text('sealed').notNull(),
});

/** Links with which somebody else fills in the connection of a source. Of a link only its hash is here. */
export const handovers = pgTable(
  'handovers',
  {
    /** The first half of the token, by which it is found; the second half is compared with `tokenHash`. */
    handoverId: text('handover_id').primaryKey(),
    /** SHA-256 of the token, hexadecimal. */
    tokenHash: text('token_hash').notNull(),
    alias: text('alias').notNull(),
    /** Its connector. */
    type: text('type').notNull(),
    /** The source it was made for. Null where the link is to make one, and where the source was deleted since. */
    source: text('source').references(() => sources.alias, { onDelete: 'set null' }),
    makesSource: boolean('makes_source').notNull(),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    doneAt: moment('done_at'),
    revokedAt: moment('revoked_at'),
  },
  (table) => [index('handovers_alias').on(table.alias, table.createdAt)],
);

export const recipes = pgTable('recipes', {
  recipeId: text('recipe_id').primaryKey(),
  version: integer('version').notNull(),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});

export const recipeVersions = pgTable(
  'recipe_versions',
  {
    recipeId: text('recipe_id')
      .notNull()
      .references(() => recipes.recipeId, { onDelete: 'cascade' }),
    version: integer('version').notNull(),
    body: jsonb('body').$type<Recipe>().notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.recipeId, table.version] })],
);

export const uploads = pgTable(
  'uploads',
  {
    uploadId: text('upload_id').primaryKey(),
    objectKey: text('object_key').notNull(),
    filename: text('filename').notNull(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
    sha256: text('sha256').notNull(),
    options: jsonb('options').$type<Record<string, unknown>>().notNull(),
    description: jsonb('description').$type<Description>().notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [index('uploads_created_at').on(table.createdAt)],
);

/** A file as a run keeps it: the upload may be gone, its name and hash stay. */
export interface RunFile {
  upload_id: string;
  filename: string;
  sha256: string;
}

export const runs = pgTable(
  'runs',
  {
    runId: text('run_id').primaryKey(),
    recipeId: text('recipe_id').notNull(),
    recipeVersion: integer('recipe_version').notNull(),
    /** The recipe as it ran; later versions and deletion do not touch it. */
    recipe: jsonb('recipe').$type<Recipe>().notNull(),
    status: text('status').$type<RunStatus>().notNull(),
    attempt: integer('attempt').notNull(),
    /** Grows with every change; the id of the event that tells of it. */
    revision: integer('revision').notNull(),
    /** SHA-256 of the callback token, hexadecimal. */
    tokenHash: text('token_hash').notNull(),
    outputPrefix: text('output_prefix').notNull(),
    files: jsonb('files').$type<Record<string, RunFile>>().notNull(),
    left: jsonb('left_side').$type<Run['left']>().notNull(),
    right: jsonb('right_side').$type<Run['right']>().notNull(),
    counts: jsonb('counts').$type<Counts>(),
    sums: jsonb('sums').$type<Sums>(),
    outputs: jsonb('outputs').$type<ResultManifest['outputs']>(),
    warnings: jsonb('warnings').$type<Note[]>().notNull(),
    error: jsonb('error').$type<Problem>(),
    /** The worker has not yet confirmed that it let go of a cancelled run. */
    releasePending: boolean('release_pending').notNull(),
    createdAt: moment('created_at').notNull(),
    startedAt: moment('started_at'),
    finishedAt: moment('finished_at'),
    heartbeatAt: moment('heartbeat_at').notNull(),
  },
  (table) => [
    index('runs_created_at').on(table.createdAt, table.runId),
    index('runs_recipe').on(table.recipeId, table.createdAt),
    index('runs_status').on(table.status),
  ],
);

export const runProgress = pgTable(
  'run_progress',
  {
    runId: text('run_id')
      .notNull()
      .references(() => runs.runId, { onDelete: 'cascade' }),
    /** `staging:<alias>` or `matching`. */
    part: text('part').notNull(),
    seq: integer('seq').notNull(),
    body: jsonb('body').$type<Progress>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.part] })],
);
