import type { checkPair, compileRule, Rule, Run, StoredRecipe } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { useLoaded } from './use-loaded.ts';

/** A rule, and how two rows are held against it. */
export interface RuleInUse {
  rule: Rule;
  check: typeof checkPair;
}

/**
 * The clicks that the run's SQL was made of, as its version of the recipe keeps them; null for SQL of another making. What knows
 * of rules comes with them: all other pages of a run are there sooner without it.
 */
export function useRule(run: Run): RuleInUse | null {
  const { api } = usePanelHost();
  const path = `/api/recipes/${encodeURIComponent(run.recipe_id)}/versions`;
  const loaded = useLoaded(path, async (signal) => {
    const [{ versions }, { checkPair: check, compileRule: compile }] = await Promise.all([
      api.request<{ versions: StoredRecipe[] }>('GET', path, undefined, signal),
      import('@kalla/core'),
    ]);
    const rule = versions.find(({ version }) => version === run.recipe_version)?.rule;
    return rule && makesItsSql(rule, run, compile) ? { rule, check } : null;
  });
  return loaded && 'value' in loaded ? loaded.value : null;
}

/** SQL that was changed by hand goes its own way, and a rule that does not make it says nothing about the run. */
export function makesItsSql(
  rule: Rule,
  run: Pick<Run, 'left' | 'right' | 'match_sql'>,
  compile: typeof compileRule,
): boolean {
  const source = ({ alias, primary_key, columns = [] }: Run['left']) => ({
    alias,
    primary_key,
    columns: columns.filter(({ name }) => name !== '_row'),
  });
  try {
    return compile(rule, source(run.left), source(run.right)) === run.match_sql;
  } catch {
    // The rule is of other columns than the run had.
    return false;
  }
}
