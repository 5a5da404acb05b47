import { mkdirSync, writeFileSync } from 'node:fs';
import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.ts';
import { recipeJsonSchema } from './scripts/recipe-json-schema.ts';

const entries = ['src/index.ts', 'src/arrow.ts', 'src/panel.ts'];

export default defineConfig({
  ...base(entries, { dts: true, platform: 'neutral' }),
  onSuccess: async () => {
    mkdirSync('schemas', { recursive: true });
    writeFileSync('schemas/recipe.schema.json', recipeJsonSchema());
  },
});
