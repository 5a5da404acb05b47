import { recipeSchema } from '@kalla/core';

/** One operation of the API, as it stands in the OpenAPI document. A name of a schema in `core/contracts`, or a schema. */
export interface Operation {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: string;
  tag: string;
  summary: string;
  query?: Record<string, { description: string; schema: object }>;
  body?: { schema: string | object; example?: unknown; type?: string };
  answers: Record<string, { description: string; schema?: string | object; type?: string; example?: unknown }>;
  /** Statuses of problem+json besides 400 and 500. */
  problems?: number[];
}

const text = { type: 'string' };
const count = (most: number, usual: number) => ({ type: 'integer', minimum: 0, maximum: most, default: usual });
const page = {
  cursor: { description: '`next` of the page before.', schema: text },
  limit: { description: 'Entries on a page.', schema: count(500, 50) },
};
const filter = {
  description: 'A JSON list of RowFilter, or column:op:value.',
  schema: { type: 'string', examples: ['amount:gte:100'] },
};
const selection = {
  q: { description: 'Text to be found in any column.', schema: text },
  differences: {
    description:
      'Columns to make, as a JSON list of pairs: the first column minus the second, exactly; days for dates.',
    schema: { type: 'string', examples: ['[["ledger_amount","bank_amount"]]'] },
  },
};
const list = (name: string, schema: string) => ({
  type: 'object',
  required: [name, 'next'],
  properties: { [name]: { type: 'array', items: ref(schema) }, next: { type: ['string', 'null'] } },
});
export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const started = { type: 'object', required: ['run_id'], properties: { run_id: text, status: text } };
const done = { '204': { description: 'Done.' } };
const accepted = {
  '200': {
    description: 'Taken in, or ignored because it came late or twice.',
    schema: { type: 'object', required: ['accepted'], properties: { accepted: { type: 'boolean' }, reason: text } },
  },
};
const events = (description: string) => ({ '200': { description, type: 'text/event-stream', schema: text } });

/** The seed's recipe. */
export const exampleRecipe = recipeSchema.parse({
  recipe_id: 'monthly-invoice-payment',
  name: 'Invoice-Payment Reconciliation',
  description: 'Match invoices to payments by reference number and amount within 1% tolerance',
  sources: {
    left: {
      alias: 'invoices',
      type: 'postgres',
      uri: 'postgres://host/db?table=invoices',
      primary_key: ['invoice_id'],
    },
    right: {
      alias: 'payments',
      type: 'file',
      schema: ['payment_id', 'reference_number', 'amount', 'date'],
      primary_key: ['payment_id'],
    },
  },
  match_sql:
    'SELECT i.invoice_id, p.payment_id, i.amount AS left_amount, p.amount AS right_amount FROM invoices i JOIN payments p ON i.invoice_id = p.reference_number AND ABS(i.amount - p.amount) / NULLIF(i.amount, 0) < 0.01',
  match_description:
    'Matches invoices to payments where the reference numbers are identical and the amounts are within 1% of each other.',
});
const exampleSource = {
  alias: 'invoices',
  type: 'postgres',
  uri: 'postgres://u:secret@host:5432/db?table=public.invoices',
  primary_key: ['invoice_id'],
};

/** The body of a call about a source that is not saved. */
const draftBody = (more: Record<string, object> = {}) => ({
  schema: { type: 'object', required: ['source'], properties: { source: ref('SourceDraft'), ...more } },
  example: { source: { type: 'postgres', config: { host: 'db.example.com', database: 'books' } } },
});
const handedOver = {
  token: 'aBc.dEf',
  config: { host: 'db.example.com', database: 'books', user: 'kalla', password: '…' },
};
const withoutSettings = {
  type: 'object',
  required: ['columns', 'primary_key', 'key_candidates', 'row_count', 'notes'],
  properties: {
    columns: { type: 'array', items: ref('ColumnInfo') },
    primary_key: { type: ['array', 'null'], items: text },
    key_candidates: { type: 'array', items: { type: 'array', items: text } },
    row_count: { type: ['integer', 'null'] },
    notes: { type: 'array', items: ref('Note') },
  },
};

/** Every operation of the API. A test holds it against the routes. */
export const operations: Operation[] = [
  {
    method: 'get',
    path: '/api/uploads',
    tag: 'Uploads',
    summary: 'Files that are kept at the moment, newest first',
    query: page,
    answers: { '200': { description: 'A page.', schema: list('uploads', 'Upload') } },
  },
  {
    method: 'post',
    path: '/api/uploads',
    tag: 'Uploads',
    summary: 'Upload a file; it is kept for 24 hours',
    body: {
      type: 'multipart/form-data',
      schema: {
        type: 'object',
        required: ['file'],
        properties: {
          file: { type: 'string', format: 'binary' },
          options: {
            type: 'string',
            description: 'UploadOptions as JSON.',
            examples: ['{"delimiter":";","decimal":","}'],
          },
        },
      },
    },
    answers: {
      '201': { description: 'What the file is.', schema: 'Upload' },
      ...events(
        'With "accept: text/event-stream", once the file has come: how much of it is looked through, at last what it is (UploadEvent), or an event named "problem". Hanging up cancels.',
      ),
    },
    problems: [413, 415, 422, 507],
  },
  {
    method: 'get',
    path: '/api/uploads/{id}',
    tag: 'Uploads',
    summary: 'One upload',
    answers: { '200': { description: 'The upload.', schema: 'Upload' } },
    problems: [404],
  },
  {
    method: 'delete',
    path: '/api/uploads/{id}',
    tag: 'Uploads',
    summary: 'Delete an upload',
    answers: done,
    problems: [404, 409],
  },
  {
    method: 'get',
    path: '/api/uploads/{id}/rows',
    tag: 'Uploads',
    summary: 'Rows of an upload',
    query: {
      offset: { description: 'Rows to skip.', schema: { type: 'integer', minimum: 0, default: 0 } },
      limit: { description: 'Rows at most.', schema: count(1000, 100) },
    },
    answers: { '200': { description: 'A page of rows.', schema: 'RowsPage' } },
    problems: [404, 422],
  },
  {
    method: 'post',
    path: '/api/uploads/{id}/options',
    tag: 'Uploads',
    summary:
      'Read an upload with other options. With "accept: text/event-stream" it is told how much is looked through, as when it is uploaded (UploadEvent)',
    body: { schema: 'UploadOptions', example: { delimiter: ';', decimal: ',', date_order: 'dmy' } },
    answers: { '200': { description: 'What the file is, read so.', schema: 'Upload' } },
    problems: [404, 415, 422],
  },
  {
    method: 'get',
    path: '/api/sources',
    tag: 'Sources',
    summary: 'Registered sources, newest first',
    query: page,
    answers: { '200': { description: 'A page.', schema: list('sources', 'Source') } },
  },
  {
    method: 'post',
    path: '/api/sources',
    tag: 'Sources',
    summary: 'Register a source',
    body: { schema: 'SourceInput', example: exampleSource },
    answers: { '201': { description: 'The source, without its secrets.', schema: 'Source' } },
    problems: [409, 415, 422],
  },
  {
    method: 'get',
    path: '/api/sources/{alias}',
    tag: 'Sources',
    summary: 'One source',
    answers: { '200': { description: 'The source, without its secrets.', schema: 'Source' } },
    problems: [404],
  },
  {
    method: 'patch',
    path: '/api/sources/{alias}',
    tag: 'Sources',
    summary: 'Change a source; secrets that are absent stay',
    body: { schema: 'SourcePatch', example: { primary_key: ['invoice_id', 'line'] } },
    answers: { '200': { description: 'The source.', schema: 'Source' } },
    problems: [404, 415, 422],
  },
  {
    method: 'delete',
    path: '/api/sources/{alias}',
    tag: 'Sources',
    summary: 'Delete a source that no recipe uses',
    answers: done,
    problems: [404, 409],
  },
  {
    method: 'post',
    path: '/api/sources/{alias}/check',
    tag: 'Sources',
    summary: 'Try the connection, step by step',
    answers: events('One CheckStep per event.'),
    problems: [404, 503],
  },
  {
    method: 'get',
    path: '/api/sources/{alias}/tables',
    tag: 'Sources',
    summary: 'Tables of a source',
    query: { q: { description: 'Part of a name.', schema: text }, ...page },
    answers: { '200': { description: 'A page.', schema: list('tables', 'TableRef') } },
    problems: [404, 422],
  },
  {
    method: 'get',
    path: '/api/sources/{alias}/estimate',
    tag: 'Sources',
    summary: 'What reading a source comes to, before it is read',
    answers: {
      '200': { description: 'Rows and bytes, as the source says; null where it does not.', schema: 'SourceEstimate' },
    },
    problems: [404, 422],
  },
  {
    method: 'get',
    path: '/api/sources/{alias}/preview',
    tag: 'Sources',
    summary: 'First rows of a source',
    query: { limit: { description: 'Rows at most.', schema: count(1000, 20) } },
    answers: { '200': { description: 'Rows.', schema: 'RowsPage' } },
    problems: [404, 422],
  },
  {
    method: 'post',
    path: '/api/sources/{alias}/keys',
    tag: 'Sources',
    summary: 'Count whether columns tell the rows apart, or find columns that do',
    body: { schema: 'KeysRequest', example: { columns: ['invoice_id'] } },
    answers: { '200': { description: 'The key with its proof.', schema: 'KeyProof' } },
    problems: [404, 415, 422],
  },
  {
    method: 'get',
    path: '/api/sources/{alias}/handover',
    tag: 'Sources',
    summary: 'What became of the newest link that hands the connection of the source over',
    answers: { '200': { description: 'Its state; `none` where there was no link.', schema: 'HandoverState' } },
  },
  {
    method: 'post',
    path: '/api/sources/{alias}/handover',
    tag: 'Sources',
    summary: 'Make a link with which somebody else fills in the connection, once. An unused one stops working',
    body: { schema: 'HandoverInput', example: {} },
    answers: { '201': { description: 'The link, shown here and never again.', schema: 'HandoverLink' } },
    problems: [404, 409, 415, 422, 503],
  },
  {
    method: 'delete',
    path: '/api/sources/{alias}/handover',
    tag: 'Sources',
    summary: 'Take the link back',
    answers: done,
    problems: [404, 409],
  },
  {
    method: 'post',
    path: '/api/handover',
    tag: 'Sources',
    summary: 'What a link shows: the form of one source, without its secrets',
    body: { schema: 'HandoverToken', example: { token: 'aBc.dEf' } },
    answers: { '200': { description: 'The form.', schema: 'HandoverForm' } },
    problems: [404, 409, 410, 415, 422, 503],
  },
  {
    method: 'post',
    path: '/api/handover/check',
    tag: 'Sources',
    summary: 'Try the connection that is being filled in through a link',
    body: { schema: 'HandoverSettings', example: handedOver },
    answers: events('One CheckStep per event.'),
    problems: [404, 409, 410, 415, 422, 503],
  },
  {
    method: 'post',
    path: '/api/handover/save',
    tag: 'Sources',
    summary: 'Save what was filled in through a link, and use the link up',
    body: { schema: 'HandoverSettings', example: handedOver },
    answers: { '200': { description: 'It is saved.', schema: 'HandoverDone' } },
    problems: [404, 409, 410, 415, 422, 503],
  },
  {
    method: 'post',
    path: '/api/inspect/check',
    tag: 'Sources',
    summary: 'Try the connection of a source that is not saved',
    body: draftBody(),
    answers: events('One CheckStep per event.'),
    problems: [404, 415, 422, 503],
  },
  {
    method: 'post',
    path: '/api/inspect/tables',
    tag: 'Sources',
    summary: 'Tables of a source that is not saved',
    body: draftBody({ q: text, cursor: text, limit: count(500, 100) }),
    answers: { '200': { description: 'A page.', schema: list('tables', 'TableRef') } },
    problems: [404, 415, 422],
  },
  {
    method: 'post',
    path: '/api/inspect/describe',
    tag: 'Sources',
    summary: 'Columns of a source that is not saved, with remarks about them',
    body: draftBody(),
    answers: { '200': { description: 'The columns.', schema: withoutSettings } },
    problems: [404, 415, 422],
  },
  {
    method: 'post',
    path: '/api/inspect/preview',
    tag: 'Sources',
    summary: 'First rows of a source that is not saved, of all columns, of some, or of the first',
    body: draftBody({
      limit: count(1000, 20),
      columns: { type: 'array', items: text },
      max_columns: { type: 'integer', minimum: 1, maximum: 10_000 },
    }),
    answers: { '200': { description: 'Rows.', schema: 'RowsPage' } },
    problems: [404, 415, 422],
  },
  {
    method: 'post',
    path: '/api/inspect/keys',
    tag: 'Sources',
    summary: 'Count whether columns of a source that is not saved tell its rows apart, or find columns that do',
    body: draftBody({ columns: { type: 'array', items: text } }),
    answers: { '200': { description: 'The key with its proof.', schema: 'KeyProof' } },
    problems: [404, 415, 422],
  },
  {
    method: 'post',
    path: '/api/connectors/normalize',
    tag: 'Connectors',
    summary: 'Take an address apart into the settings of its connector; nothing is stored or connected to',
    body: { schema: 'Address', example: { uri: exampleSource.uri } },
    answers: {
      '200': { description: 'The settings, with the secret that was in the address.', schema: 'ReadAddress' },
    },
    problems: [415, 422, 503],
  },
  {
    method: 'get',
    path: '/api/connectors',
    tag: 'Connectors',
    summary: 'Installed connectors',
    answers: {
      '200': {
        description: 'All of them.',
        schema: {
          type: 'object',
          required: ['connectors'],
          properties: {
            connectors: { type: 'array', items: ref('ConnectorInfo') },
            problem: {
              type: ['string', 'null'],
              description:
                'What is wrong with the file that says what is installed, and what to do; null where it is well.',
            },
          },
        },
      },
    },
    problems: [503],
  },
  {
    method: 'post',
    path: '/api/connectors',
    tag: 'Connectors',
    summary:
      'Install a connector, or another version of it. With "accept: text/event-stream" each step is told as it begins (ConnectorInstallEvent); hanging up cancels',
    body: { schema: 'ConnectorInstall', example: { package: 'kalla-connector-acme', version: '1.2.0' } },
    answers: { '201': { description: 'What was installed.', schema: 'InstalledConnector' } },
    problems: [409, 415, 422, 503, 507],
  },
  {
    method: 'get',
    path: '/api/connectors/search',
    tag: 'Connectors',
    summary: 'Connectors in the registry: packages with the keyword kalla-connector',
    query: { q: { description: 'Words to look for; all connectors where it is absent.', schema: text } },
    answers: {
      '200': {
        description: 'What was found.',
        schema: {
          type: 'object',
          required: ['packages'],
          properties: { packages: { type: 'array', items: ref('ConnectorPackage') } },
        },
      },
    },
    problems: [422],
  },
  {
    method: 'delete',
    path: '/api/connectors/{package}',
    tag: 'Connectors',
    summary: 'Remove an installed connector that nothing uses',
    answers: done,
    problems: [404, 409],
  },
  {
    method: 'post',
    path: '/api/connectors/{package}/rollback',
    tag: 'Connectors',
    summary: 'Go back to the version before',
    answers: { '200': { description: 'The version that is in use now.', schema: 'InstalledConnector' } },
    problems: [404, 409, 422],
  },
  {
    method: 'get',
    path: '/api/recipes',
    tag: 'Recipes',
    summary: 'Recipes, newest first',
    query: page,
    answers: { '200': { description: 'A page.', schema: list('recipes', 'StoredRecipe') } },
  },
  {
    method: 'post',
    path: '/api/recipes',
    tag: 'Recipes',
    summary: 'Store a recipe',
    body: { schema: 'Recipe', example: exampleRecipe },
    answers: { '201': { description: 'The recipe, version 1.', schema: 'StoredRecipe' } },
    problems: [409, 415, 422],
  },
  {
    method: 'get',
    path: '/api/recipes/{id}',
    tag: 'Recipes',
    summary: 'One recipe',
    answers: { '200': { description: 'Its present version.', schema: 'StoredRecipe' } },
    problems: [404],
  },
  {
    method: 'put',
    path: '/api/recipes/{id}',
    tag: 'Recipes',
    summary: 'Store a new version',
    body: { schema: 'Recipe', example: exampleRecipe },
    answers: { '200': { description: 'The new version.', schema: 'StoredRecipe' } },
    problems: [404, 415, 422],
  },
  {
    method: 'delete',
    path: '/api/recipes/{id}',
    tag: 'Recipes',
    summary: 'Delete a recipe; its runs stay',
    answers: done,
    problems: [404],
  },
  {
    method: 'get',
    path: '/api/recipes/{id}/versions',
    tag: 'Recipes',
    summary: 'All versions, newest first',
    answers: {
      '200': {
        description: 'The versions.',
        schema: {
          type: 'object',
          required: ['versions'],
          properties: { versions: { type: 'array', items: ref('StoredRecipe') } },
        },
      },
    },
    problems: [404],
  },
  {
    method: 'post',
    path: '/api/recipes/validate',
    tag: 'Recipes',
    summary: 'Say whether a recipe can be stored',
    body: { schema: 'Recipe', example: exampleRecipe },
    answers: { '200': { description: 'Valid, or why not.', schema: 'Validation' } },
    problems: [415, 503],
  },
  {
    method: 'post',
    path: '/api/recipes/preview',
    tag: 'Recipes',
    summary: 'Try a recipe without storing anything',
    body: {
      schema: 'RecipePreviewRequest',
      example: { recipe: exampleRecipe, files: { payments: 'u_0123456789abcdef01234567' }, limit: 20 },
    },
    answers: { '200': { description: 'Counts and first rows.', schema: 'Preview' } },
    problems: [415, 422, 503],
  },
  {
    method: 'post',
    path: '/api/recipes/counts',
    tag: 'Recipes',
    summary: 'Count what a recipe matches, fast enough to follow each change',
    body: {
      schema: 'RecipeCountsRequest',
      example: { recipe: exampleRecipe, files: { payments: 'u_0123456789abcdef01234567' } },
    },
    answers: { '200': { description: 'Exact counts.', schema: 'RecipeCounts' } },
    problems: [415, 422, 503],
  },
  {
    method: 'post',
    path: '/api/suggestions',
    tag: 'Recipes',
    summary: 'Propose recipes for two sources from their data, best first',
    body: {
      schema: 'SuggestionsRequest',
      example: { left: { source: 'invoices' }, right: { upload_id: 'u_0123456789abcdef01234567' } },
    },
    answers: { '200': { description: 'Recipes that can be stored as they stand.', schema: 'Suggestions' } },
    problems: [404, 415, 422, 503],
  },
  {
    method: 'get',
    path: '/api/runs',
    tag: 'Runs',
    summary: 'Runs, newest first',
    query: { recipe_id: { description: 'Runs of this recipe only.', schema: text }, ...page },
    answers: { '200': { description: 'A page.', schema: list('runs', 'Run') } },
  },
  {
    method: 'post',
    path: '/api/runs',
    tag: 'Runs',
    summary: 'Start a run',
    body: {
      schema: 'RunInput',
      example: { recipe_id: 'monthly-invoice-payment', files: { payments: 'u_0123456789abcdef01234567' } },
    },
    answers: { '202': { description: 'The run has begun.', schema: started } },
    problems: [404, 415, 422],
  },
  {
    method: 'get',
    path: '/api/runs/{id}',
    tag: 'Runs',
    summary: 'One run',
    answers: { '200': { description: 'Its present state.', schema: 'Run' } },
    problems: [404],
  },
  {
    method: 'delete',
    path: '/api/runs/{id}',
    tag: 'Runs',
    summary: 'Cancel a run that is going, delete one that has finished',
    answers: { '202': { description: 'It is cancelled or deleted.', schema: started } },
    problems: [404],
  },
  {
    method: 'post',
    path: '/api/runs/{id}/retry',
    tag: 'Runs',
    summary: 'Run again with the same files',
    answers: { '202': { description: 'A new run has begun.', schema: started } },
    problems: [404, 409, 422],
  },
  {
    method: 'get',
    path: '/api/runs/{id}/events',
    tag: 'Runs',
    summary: 'Follow a run',
    answers: {
      ...events('The present Run first, then the whole Run after each change, until it has finished.'),
      '204': { description: 'It has finished, and you have seen that (Last-Event-ID).' },
    },
    problems: [404],
  },
  {
    method: 'get',
    path: '/api/runs/{id}/results/{set}',
    tag: 'Runs',
    summary: 'Rows of a result, or the whole as a file',
    query: {
      format: {
        description: '`json` for a page; the others are the whole set as a file.',
        schema: { enum: ['json', 'csv', 'parquet', 'xlsx'], default: 'json' },
      },
      offset: { description: 'Rows to skip (json).', schema: { type: 'integer', minimum: 0, default: 0 } },
      limit: { description: 'Rows at most (json).', schema: count(10_000, 100) },
      sort: {
        description: 'A column; with a minus before it, from the largest.',
        schema: { type: 'string', examples: ['-amount'] },
      },
      filter,
      ...selection,
    },
    answers: { '200': { description: 'Rows.', schema: 'RowsPage' } },
    problems: [404, 409, 422],
  },
  {
    method: 'get',
    path: '/api/runs/{id}/results/{set}/summary',
    tag: 'Runs',
    summary: 'How many rows a selection has, and exact sums of its numbers by currency',
    query: { filter, ...selection },
    answers: { '200': { description: 'Count and sums.', schema: 'SelectionSummary' } },
    problems: [404, 409, 422],
  },
  {
    method: 'get',
    path: '/api/runs/{id}/results/{set}/rows/{row}/candidates',
    tag: 'Runs',
    summary: 'Why a row did not match: the rows that come nearest to an unmatched row, compared exactly',
    answers: {
      '200': {
        description: 'Unmatched rows of the other side, and matched rows with its reference.',
        schema: 'Candidates',
      },
    },
    problems: [404, 409],
  },
  {
    method: 'get',
    path: '/api/runs/{id}/summary',
    tag: 'Runs',
    summary: 'Columns of the three sets, and the money of both sides by currency',
    answers: { '200': { description: 'The summary.', schema: 'RunSummary' } },
    problems: [404, 409],
  },
  {
    method: 'post',
    path: '/api/worker/progress',
    tag: 'Worker callbacks',
    summary: 'A worker reports progress',
    body: {
      schema: 'ProgressCallback',
      example: { run_id: 'r', attempt: 1, seq: 3, stage: 'staging', source: 'invoices', progress: 0.65 },
    },
    answers: accepted,
    problems: [401, 404, 415, 422],
  },
  {
    method: 'post',
    path: '/api/worker/complete',
    tag: 'Worker callbacks',
    summary: 'A worker reports the result',
    body: { schema: 'CompleteCallback' },
    answers: accepted,
    problems: [401, 404, 415, 422],
  },
  {
    method: 'post',
    path: '/api/worker/error',
    tag: 'Worker callbacks',
    summary: 'A worker reports a failure',
    body: {
      schema: 'ErrorCallback',
      example: {
        run_id: 'r',
        attempt: 1,
        seq: 4,
        status: 'failed',
        error: {
          type: 'https://kalla.dev/problems/cell-type',
          title: 'A cell does not fit its column',
          status: 422,
          detail: 'bank.csv, line 9, column "amount": "12,x" is not a number.',
        },
      },
    },
    answers: accepted,
    problems: [401, 404, 415, 422],
  },
  {
    method: 'get',
    path: '/api/openapi.json',
    tag: 'This document',
    summary: 'The OpenAPI document',
    answers: { '200': { description: 'OpenAPI 3.1.', schema: { type: 'object' } } },
  },
  {
    method: 'get',
    path: '/api/docs',
    tag: 'This document',
    summary: 'The interactive page',
    answers: { '200': { description: 'A page.', type: 'text/html', schema: text } },
  },
  {
    method: 'get',
    path: '/healthz',
    tag: 'This document',
    summary: 'Whether the server works',
    answers: {
      '200': { description: 'It does.', schema: { type: 'object', properties: { ok: { type: 'boolean' } } } },
    },
  },
];
