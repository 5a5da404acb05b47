import { describe, expect, test } from 'vitest';
import { callbackUrls, jobPayloadSchema } from './job.ts';
import { progressSchema } from './progress.ts';
import { recipeSchema } from './recipe.ts';

// Both documents are copied from the architecture review as they stand there.
const RECIPE = `{
  "recipe_id": "monthly-invoice-payment",
  "name": "Invoice-Payment Reconciliation",
  "description": "Match invoices to payments by reference number and amount within 1% tolerance",
  "sources": {
    "left": {
      "alias": "invoices",
      "type": "postgres",
      "uri": "postgres://host/db?table=invoices",
      "primary_key": ["invoice_id"]
    },
    "right": {
      "alias": "payments",
      "type": "file",
      "schema": ["payment_id", "reference_number", "amount", "date"],
      "primary_key": ["payment_id"]
    }
  },
  "match_sql": "SELECT i.invoice_id, p.payment_id, i.amount AS left_amount, p.amount AS right_amount FROM invoices i JOIN payments p ON i.invoice_id = p.reference_number AND ABS(i.amount - p.amount) / NULLIF(i.amount, 0) < 0.01",
  "match_description": "Matches invoices to payments where the reference numbers are identical and the amounts are within 1% of each other."
}`;
const JOB = `{
  "run_id": "uuid",
  "callback_url": "http://api:3000/api/worker/progress",
  "match_sql": "SELECT ... FROM left JOIN right ON ...",
  "sources": [
    {"alias": "invoices", "uri": "postgres://datahost/db?table=invoices"},
    {"alias": "payments", "uri": "s3://staging/tmp-abc123.csv"}
  ],
  "output_path": "s3://results/runs/uuid/",
  "primary_keys": {
    "invoices": ["invoice_id"],
    "payments": ["payment_id"]
  }
}`;

describe('the recipe of the architecture review', () => {
  test('parses as it stands, and nothing of it is changed', () => {
    expect(recipeSchema.parse(JSON.parse(RECIPE))).toEqual(JSON.parse(RECIPE));
  });

  test.each([
    ['a file without columns', { schema: undefined }, /"payments" is a file: name its columns/],
    ['a file with a uri', { uri: 'https://bank.example/x.csv' }, /not a "uri"/],
    ['a file without a key', { primary_key: undefined }, /needs "primary_key"; use \["_row"\]/],
    ['an alias taken twice', { alias: 'invoices' }, /different aliases/],
    ['an alias that needs quotes', { alias: 'My Payments' }, /lower-case letters/],
    ['an empty key', { primary_key: [] }, /./],
  ])('%s is refused with a sentence', (_name, change, sentence) => {
    const recipe = JSON.parse(RECIPE);
    Object.assign(recipe.sources.right, change);
    const result = recipeSchema.safeParse(JSON.parse(JSON.stringify(recipe)));
    expect(result.success).toBe(false);
    expect(result.error?.issues.map((issue) => issue.message).join('\n')).toMatch(sentence);
  });

  test('a registered source is named by its alias alone', () => {
    const recipe = JSON.parse(RECIPE);
    recipe.sources.left = { alias: 'invoices' };
    expect(recipeSchema.parse(recipe).sources.left).toEqual({ alias: 'invoices' });
  });
});

describe('the job payload of the architecture review', () => {
  test('parses as it stands; only the attempt is added', () => {
    expect(jobPayloadSchema.parse(JSON.parse(JOB))).toEqual({ ...JSON.parse(JOB), attempt: 1 });
  });

  test.each([
    ['a run_id that is a path', { run_id: '../x' }],
    ['one source', { sources: [{ alias: 'a', uri: 'file:///a.csv' }] }],
    ['a source without uri and config', { sources: [{ alias: 'a' }, { alias: 'b', uri: 'file:///b.csv' }] }],
    ['an empty key', { primary_keys: { invoices: [], payments: ['payment_id'] } }],
    ['a callback that is no URL', { callback_url: 'progress' }],
  ])('%s is refused', (_name, change) => {
    expect(jobPayloadSchema.safeParse({ ...JSON.parse(JOB), ...change }).success).toBe(false);
  });

  test('both progress messages parse', () => {
    const staging = { stage: 'staging', source: 'invoices', progress: 0.65 };
    const matching = { stage: 'matching', matched: 847, total_left: 1000 };
    expect(progressSchema.parse(staging)).toEqual(staging);
    expect(progressSchema.parse(matching)).toEqual(matching);
  });
});

describe('callbackUrls', () => {
  test('names the siblings', () => {
    expect(callbackUrls('http://api:3000/api/worker/progress')).toEqual({
      progress: 'http://api:3000/api/worker/progress',
      complete: 'http://api:3000/api/worker/complete',
      error: 'http://api:3000/api/worker/error',
    });
  });

  test('keeps a prefix and a query', () => {
    const { complete, error } = callbackUrls('https://kalla.example/sub/api/worker/progress?tenant=a%2Fb');
    expect(complete).toBe('https://kalla.example/sub/api/worker/complete?tenant=a%2Fb');
    expect(error).toBe('https://kalla.example/sub/api/worker/error?tenant=a%2Fb');
  });
});
