import type { checkPair, comparedColumns, compileRule, Rule, Run, StoredRecipe } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { useLoaded } from './use-loaded.ts';

/** A rule, and how two rows are held against it. */
export interface RuleInUse {
  rule: Rule;
  check: typeof checkPair;
  /** What each condition compares, by the names of the result. */
  compared: ReturnType<typeof comparedColumns>;
}

/**
 * The clicks that the run's SQL was made of, as its version of the recipe keeps them; null for SQL of another making,
 * undefined until that is known. What knows of rules comes with them, once a row is opened: all other pages of a run are there
 * sooner without it.
 */
export function useRule(run: Run, wanted: boolean): RuleInUse | null | undefined {
  const { api } = usePanelHost();
  const path = `/api/recipes/${encodeURIComponent(run.recipe_id)}/versions`;
  const loaded = useLoaded(wanted ? path : null, async (signal) => {
    const [{ versions }, { checkPair: check, compileRule: compile, comparedColumns: compared }] = await Promise.all([
      api.request<{ versions: StoredRecipe[] }>('GET', path, undefined, signal),
      import('@kalla/core'),
    ]);
    const rule = versions.find(({ version }) => version === run.recipe_version)?.rule;
    if (!rule || !makesItsSql(rule, run, compile)) return null;
    return { rule, check, compared: compared(rule, ruleSource(run.left), ruleSource(run.right)) };
  });
  if (!loaded) return undefined;
  // Without the rule a row is shown all the same, as one of SQL that was written by hand.
  return 'value' in loaded ? loaded.value : null;
}

/** SQL that was changed by hand goes its own way, and a rule that does not make it says nothing about the run. */
export function makesItsSql(
  rule: Rule,
  run: Pick<Run, 'left' | 'right' | 'match_sql'>,
  compile: typeof compileRule,
): boolean {
  try {
    return compile(rule, ruleSource(run.left), ruleSource(run.right)) === run.match_sql;
  } catch {
    // The rule is of other columns than the run had.
    return false;
  }
}

const ruleSource = ({ alias, primary_key, columns = [] }: Run['left']) => ({
  alias,
  primary_key,
  columns: columns.filter(({ name }) => name !== '_row'),
});
