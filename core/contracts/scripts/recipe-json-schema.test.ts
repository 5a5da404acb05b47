import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { recipeJsonSchema } from './recipe-json-schema.ts';

const published = readFileSync(new URL('../schemas/recipe.schema.json', import.meta.url), 'utf8');

test('the published schema is current: `npm run build -w @kalla/core` writes it', () => {
  expect(published).toBe(recipeJsonSchema());
});

test('the sample recipe validates against it, and a broken one does not', () => {
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(published));
  const sample = JSON.parse(readFileSync(new URL('../../../samples/recipe.json', import.meta.url), 'utf8'));
  expect(validate(sample), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ ...sample, match_sql: undefined })).toBe(false);
  expect(validate({ ...sample, recipe_id: 'No Spaces' })).toBe(false);
});
