import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Suggestions, WorkerSuggestRequest } from '@kalla/core';
import { translateEngineError } from '../engine/engine-error.ts';
import type { TaskContext, TaskSource } from '../task-contract.ts';
import { searchRules } from './search-rules.ts';
import { stagedCache } from './staged-cache.ts';

/**
 * Profiles two sources and proposes recipes, best first, each with exact counts.
 *
 * @throws ProblemError `timeout`, `out-of-memory`; what staging throws; ConnectorError `cancelled`.
 */
export async function suggestRecipes(
  request: WorkerSuggestRequest,
  sources: readonly [TaskSource, TaskSource],
  context: TaskContext,
): Promise<Suggestions> {
  return stagedCache.use(sources, context, request.reading, async (sides) => {
    const scratchDir = await mkdtemp(path.join(context.scratchDir, 'suggest-'));
    try {
      return await searchRules(request, { left: sides[0], right: sides[1] }, { ...context, scratchDir });
    } catch (error) {
      const doing = `Looking for a rule between "${sources[0].alias}" and "${sources[1].alias}"`;
      throw translateEngineError(error, doing, context.signal);
    } finally {
      await rm(scratchDir, { recursive: true, force: true });
    }
  });
}
