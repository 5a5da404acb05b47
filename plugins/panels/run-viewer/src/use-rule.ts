import { compileRule, type Rule, type Run, type StoredRecipe } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { useLoaded } from './use-loaded.ts';

/** The clicks that the run's SQL was made of, as its version of the recipe keeps them; null for SQL of another making. */
export function useRule(run: Run): Rule | null {
  const { api } = usePanelHost();
  const path = `/api/recipes/${encodeURIComponent(run.recipe_id)}/versions`;
  const loaded = useLoaded(path, (signal) => api.request<{ versions: StoredRecipe[] }>('GET', path, undefined, signal));
  if (!loaded || 'error' in loaded) return null;
  const rule = loaded.value.versions.find(({ version }) => version === run.recipe_version)?.rule;
  return rule && makesItsSql(rule, run) ? rule : null;
}

/** SQL that was changed by hand goes its own way, and a rule that does not make it says nothing about the run. */
export function makesItsSql(rule: Rule, run: Pick<Run, 'left' | 'right' | 'match_sql'>): boolean {
  const source = ({ alias, primary_key, columns = [] }: Run['left']) => ({
    alias,
    primary_key,
    columns: columns.filter(({ name }) => name !== '_row'),
  });
  try {
    return compileRule(rule, source(run.left), source(run.right)) === run.match_sql;
  } catch {
    // The rule is of other columns than the run had.
    return false;
  }
}
