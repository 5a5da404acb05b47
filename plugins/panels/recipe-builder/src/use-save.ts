import type { StoredRecipe } from '@kalla/core';
import { ApiError, usePanelHost } from '@kalla/core/panel';
import { useState } from 'react';
import { recipeIdOf, recipeOf, sameSources } from './build-recipe.ts';
import { changesInWords } from './column-changes.ts';
import { emptyRule, usesColumn } from './draft.ts';
import { messages } from './messages.ts';
import { sameRule } from './rule-edits.ts';
import type { Builder } from './use-builder.ts';
import { problemIn, type ProblemLike } from './use-latest.ts';

const text = messages.save;

/** How many names are tried before a taken one is the user's to change. */
const TRIES = 50;

/** True where the draft is not what is stored. */
export function isUnsaved({ base, draft, columns }: Pick<Builder, 'base' | 'draft' | 'columns'>): boolean {
  if (!base) return true;
  const recipe = recipeOf(draft, columns, base.recipe_id);
  // Without the columns of both sides nothing can be compiled; the draft then shows what changed.
  if (!recipe) return draft.sql === null && !sameRule(draft.rule, base.rule ?? emptyRule);
  return (
    recipe.name !== base.name ||
    recipe.description !== base.description ||
    recipe.match_sql !== base.match_sql ||
    (draft.sql !== null && recipe.match_description !== base.match_description) ||
    !sameSources(recipe.sources, base.sources)
  );
}

export type Save = ReturnType<typeof useSave>;

/** Saving and running what is on the page. */
export function useSave(builder: Builder) {
  const { api, navigate, notify } = usePanelHost();
  const { base, setBase, wasSaved, draft, columns, files, data } = builder;
  const [busy, setBusy] = useState<'save' | 'run' | null>(null);
  const [problem, setProblem] = useState<ProblemLike | null>(null);
  const [conflict, setConflict] = useState<StoredRecipe | null>(null);
  const [nameAsked, setNameAsked] = useState(false);
  const unsaved = isUnsaved(builder);
  const canRun = [draft.sides.left, draft.sides.right].every(
    (side) => side && (side.ref.kind !== 'stored' || side.ref.source.type !== 'file'),
  );

  async function store(force: boolean): Promise<StoredRecipe | null> {
    const changed = await builder.changedSides();
    if (changed.length > 0) {
      const what = changed.map(({ side, changes }) => changesInWords(data[side].label, changes));
      const lacks = changed.some(({ side, changes }) => changes.gone.some((name) => usesColumn(draft, side, name)));
      setProblem({ detail: [...what, lacks ? text.changedMend : text.changedLook].join(' ') });
      return null;
    }
    if (base) {
      const path = `/api/recipes/${encodeURIComponent(base.recipe_id)}`;
      const now = await api.request<StoredRecipe>('GET', path);
      if (now.version !== base.version && !force) {
        setConflict(now);
        return null;
      }
      return api.request<StoredRecipe>('PUT', path, recipeOf(draft, columns, base.recipe_id));
    }
    const id = recipeIdOf(draft.name);
    for (let count = 1; ; count++) {
      try {
        const recipe = recipeOf(draft, columns, count === 1 ? id : `${id}-${count}`);
        return await api.request<StoredRecipe>('POST', '/api/recipes', recipe);
      } catch (error) {
        const taken = error instanceof ApiError && error.status === 409;
        // These are names of paths and not of recipes; any ending makes one of them usable.
        const reserved = error instanceof ApiError && /"reserved"/.test(JSON.stringify(error.body));
        if (!(taken || reserved) || count === TRIES) throw error;
      }
    }
  }

  async function run(recipeId: string) {
    const { run_id } = await api.request<{ run_id: string }>('POST', '/api/runs', { recipe_id: recipeId, files });
    navigate(`/runs/${run_id}`);
  }

  /** Saves where there is something to save, and then runs it with the files that are there. */
  async function act(what: 'save' | 'run', force = false) {
    if (busy || builder.need) return;
    if (draft.name.trim() === '') {
      setNameAsked(true);
      document.getElementById('rb-name')?.focus();
      return;
    }
    setBusy(what);
    setProblem(null);
    setConflict(null);
    try {
      let recipeId = base?.recipe_id;
      if (unsaved) {
        const stored = await store(force);
        if (!stored) return;
        recipeId = stored.recipe_id;
        wasSaved(stored);
        builder.closeKept();
        if (what === 'save') {
          notify('success', text.saved(stored.name, stored.version));
          navigate(`/recipes/${encodeURIComponent(stored.recipe_id)}`);
        }
      }
      if (what === 'run' && recipeId) await run(recipeId);
    } catch (error) {
      setProblem(problemIn(error));
    } finally {
      setBusy(null);
    }
  }

  return {
    busy,
    problem,
    conflict,
    nameAsked,
    unsaved,
    canRun,
    save: (force = false) => void act('save', force),
    saveAndRun: () => void act('run'),
    takeTheirs() {
      if (!conflict) return;
      setBase(conflict);
      builder.restart(conflict);
      setConflict(null);
    },
  };
}
