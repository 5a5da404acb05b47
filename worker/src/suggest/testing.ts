import type { RecipeCounts, Suggestions, WorkerSuggestRequest } from '@kalla/core';
import { memorySource, testContext, type TestTable } from '../testing/fixtures.ts';
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
    const sources = [
      memorySource('books', left, { filename: 'books.csv', sha256: fingerprint(left) }),
      memorySource('bank', right, { filename: 'bank.csv', sha256: fingerprint(right) }),
    ] as const;
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
      [
        memorySource(sources.left.alias, left, { sha256: fingerprint(left) }),
        memorySource(sources.right.alias, right, { sha256: fingerprint(right) }),
      ],
      context,
    );
  } finally {
    await context.dispose();
  }
}

const fingerprint = (content: TestTable) => JSON.stringify([content, Math.random()]);
