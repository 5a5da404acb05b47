import type { RecipeCounts, Suggestions, WorkerSuggestRequest } from '@kalla/core';
import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { memorySource, stagedTable, testContext, type TestTable } from '../testing/fixtures.ts';
import type { TaskContext } from '../task-contract.ts';
import { countRecipe } from './count-recipe.ts';
import { suggestRecipes } from './suggest.ts';

const side = (alias: string): WorkerSuggestRequest['left'] => ({
  source: { alias, uri: `memory:${alias}`, filename: `${alias}.csv` },
  notes: [],
});

/** Suggestions for two tables in memory, and the way to count a changed recipe on them. */
export async function suggestFor(
  left: TestTable,
  right: TestTable,
  options: {
    limit?: number;
    left?: Partial<WorkerSuggestRequest['left']>;
    right?: Partial<WorkerSuggestRequest['right']>;
  } = {},
): Promise<Suggestions> {
  const context = await testContext();
  try {
    const sources = [await fileSource('books', left, context), await fileSource('bank', right, context)] as const;
    return await suggestRecipes(
      {
        left: { ...side('books'), ...options.left },
        right: { ...side('bank'), ...options.right },
        limit: options.limit ?? 5,
      },
      sources,
      context,
    );
  } finally {
    await context.dispose();
  }
}

/** The counts that the live re-count gives for a proposal. */
export async function countsFor(
  left: TestTable,
  right: TestTable,
  recipe: Suggestions['proposals'][number]['recipe'],
): Promise<RecipeCounts> {
  const context = await testContext();
  try {
    const { sources, match_sql, rule } = recipe;
    return await countRecipe(
      {
        match_sql,
        rule,
        sources: [
          { alias: sources.left.alias, uri: 'memory:left' },
          { alias: sources.right.alias, uri: 'memory:right' },
        ],
        primary_keys: {
          [sources.left.alias]: sources.left.primary_key!,
          [sources.right.alias]: sources.right.primary_key!,
        },
      },
      [await fileSource(sources.left.alias, left, context), await fileSource(sources.right.alias, right, context)],
      context,
    );
  } finally {
    await context.dispose();
  }
}

/** A table as a Parquet file that is used where it lies, as that of an upload is. */
async function fileSource(alias: string, content: TestTable, context: TaskContext) {
  const dir = await mkdtemp(path.join(context.scratchDir, 'source-'));
  const { path: file } = await stagedTable(alias, content, dir);
  return memorySource(
    alias,
    { scan: { sql: '', paths: [file], format: 'parquet', inPlace: true }, columns: content.columns },
    { filename: `${alias}.csv`, config: { file } },
  );
}
