import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { connectorApi, PAGE } from './write-connector-api.mjs';

it('docs/connector-api.md is what the source says; else run: node scripts/write-connector-api.mjs', async () => {
  expect(await readFile(PAGE, 'utf8')).toBe(await connectorApi());
});
