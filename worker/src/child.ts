import type { EngineTasks } from './child/engine-tasks.ts';
import { serveTasks } from './child/main.ts';

/** The engine's half of the worker, each task loaded when it is first needed. */
const engine: EngineTasks = {
  runJob: async (...call) => (await import('./run-job.ts')).runJob(...call),
  previewRecipe: async (...call) => (await import('./preview-recipe.ts')).previewRecipe(...call),
  previewRows: async (...call) => (await import('./preview-rows.ts')).previewRows(...call),
  countRecipe: async (...call) => (await import('./suggest/count-recipe.ts')).countRecipe(...call),
  suggestRecipes: async (...call) => (await import('./suggest/suggest.ts')).suggestRecipes(...call),
  proveKey: async (...call) => (await import('./keys/prove-key.ts')).proveKey(...call),
  validateMatchSql: async (...call) => (await import('./engine/validate.ts')).validateMatchSql(...call),
  readResultRows: async (...call) => (await import('./results/read-result-rows.ts')).readResultRows(...call),
  summarizeSelection: async (...call) => (await import('./results/summarize-selection.ts')).summarizeSelection(...call),
  findCandidates: async (...call) => (await import('./results/find-candidates.ts')).findCandidates(...call),
  async *exportResultRows(...call) {
    const { exportResultRows } = await import('./results/export-result-rows.ts');
    yield* exportResultRows(...call);
  },
};

// Runs are what an idle process waits for, so that part is in memory before the first one comes.
serveTasks(engine, () => import('./run-job.ts'));
