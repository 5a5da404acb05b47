import type { Recipe, StoredRecipe } from '@kalla/core';
import type { RecipeBuildProps } from '@kalla/core/panel';
import { useCallback, useEffect, useReducer, useState } from 'react';
import { draftOfRecipe, emptyDraft, type Draft } from './draft.ts';
import { draftStore, forgetDraft, isBlank, keepDraft, keepSaved, keptDraft, type KeptDraft } from './draft-store.ts';
import * as steps from './history.ts';
import { messages } from './messages.ts';
import { isOnlyRenamed } from './version-changes.ts';

export type DraftChange = (draft: Draft) => Draft;

type Action =
  | { kind: 'change'; make: DraftChange; about: string | null; at: number }
  | { kind: 'replace' | 'everywhere'; make: DraftChange }
  | { kind: 'begin'; draft: Draft }
  | { kind: 'undo' | 'redo' };

function reduce(history: steps.History<Draft>, action: Action): steps.History<Draft> {
  switch (action.kind) {
    case 'change':
      return steps.change(history, action.make(history.present), action.about, action.at);
    case 'replace':
      return steps.replace(history, action.make(history.present));
    case 'everywhere':
      return steps.everywhere(history, action.make);
    case 'begin':
      return steps.begin(action.draft);
    case 'undo':
      return steps.undo(history);
    case 'redo':
      return steps.redo(history);
  }
}

/** Uploads of the newest run, by alias: perhaps still there to try a change on. */
function filesOfRun(run: RecipeBuildProps['lastRun']) {
  const sides = run ? [run.left, run.right] : [];
  return Object.fromEntries(
    sides.flatMap(({ alias, upload_id: uploadId, filename }) =>
      uploadId ? [[alias, { uploadId, filename: filename ?? alias }]] : [],
    ),
  );
}

/** Uploads that are at hand, by alias: what a change is tried on is no change of the recipe. */
function filesOfDraft({ sides }: Draft) {
  return Object.fromEntries(
    [sides.left, sides.right].flatMap((side) =>
      side?.ref.kind === 'upload' ? [[side.alias, { uploadId: side.ref.uploadId, filename: side.ref.filename }]] : [],
    ),
  );
}

/** The drafts of this browser. */
const drafts = () => draftStore(window.sessionStorage, window.localStorage);

/** Under what a draft is kept: a stored recipe, a copy of one, or null for a new one. A recipe's id has no space in it. */
function draftIdOf({
  recipe,
  copyOf,
}: {
  [Key in 'recipe' | 'copyOf']?: RecipeBuildProps[Key] | undefined;
}): string | null {
  return recipe?.recipe_id ?? (copyOf ? `copy of ${copyOf.recipe_id}` : null);
}

function draftOfCopy(...[copied, files]: Parameters<typeof draftOfRecipe>): Draft {
  return { ...draftOfRecipe(copied, files), name: messages.copyOf(copied.name) };
}

function firstDraft({ recipe, copyOf, files, lastRun }: RecipeBuildProps): { draft: Draft; kept: KeptDraft | null } {
  if (files?.length) return { draft: emptyDraft, kept: null };
  const kept = keptDraft(drafts(), draftIdOf({ recipe, copyOf }));
  if (copyOf && !kept) {
    return { draft: draftOfCopy(copyOf, filesOfRun(lastRun)), kept };
  }
  if (!recipe) return { draft: kept?.draft ?? emptyDraft, kept };
  const stored = draftOfRecipe(recipe, filesOfRun(lastRun));
  return { draft: kept?.version === recipe.version ? kept.draft : stored, kept };
}

/** The draft with undo and redo, kept in the browser as it changes. */
export function useDraft(props: RecipeBuildProps) {
  const [first] = useState(() => firstDraft(props));
  const [history, dispatch] = useReducer(reduce, first.draft, steps.begin<Draft>);
  const [kept, setKept] = useState(first.kept);
  const [base, setBase] = useState<StoredRecipe | null>(props.recipe ?? null);
  /** The draft that is as it is stored. */
  const [saved, setSaved] = useState<Draft | null>(null);
  const draft = history.present;
  /** What the page was opened for; it stays where a new recipe is saved. */
  const openedId = draftIdOf(props);
  const draftId = base?.recipe_id ?? openedId;
  const version = base?.version ?? null;

  useEffect(() => {
    // Nothing has been done yet with what is on the page: what is kept may still be wanted.
    if (draft === first.draft) return;
    const kept = { draft, version, at: new Date().toISOString() };
    if (isBlank(draft)) forgetDraft(drafts(), draftId);
    else if (draft === saved) keepSaved(window.sessionStorage, window.localStorage, draftId, kept);
    else keepDraft(drafts(), draftId, kept);
  }, [draft, first, draftId, version, saved]);

  // The page around the builder renames a recipe too. That is the next version, and changes nothing that is worked on here.
  const now = props.recipe ?? null;
  if (now && base && now.version > base.version && isOnlyRenamed(base, now)) {
    const rename: DraftChange = (step) => (step.name === base.name ? { ...step, name: now.name } : step);
    setBase(now);
    setKept(kept && { ...kept, version: now.version, draft: rename(kept.draft) });
    dispatch({ kind: 'everywhere', make: rename });
  }

  const change = useCallback(
    (make: DraftChange, about: string | null = null) => dispatch({ kind: 'change', make, about, at: Date.now() }),
    [],
  );
  const replace = useCallback((make: DraftChange) => dispatch({ kind: 'replace', make }), []);
  const undo = useCallback(() => dispatch({ kind: 'undo' }), []);
  const redo = useCallback(() => dispatch({ kind: 'redo' }), []);
  const restart = useCallback(
    (recipe: Recipe | null) => {
      forgetDraft(drafts(), draftId);
      setKept(null);
      const files = { ...filesOfDraft(draft), ...filesOfRun(props.lastRun) };
      const stored = recipe === props.copyOf ? draftOfCopy : draftOfRecipe;
      const next = recipe ? stored(recipe, files) : emptyDraft;
      setSaved(next);
      dispatch({ kind: 'begin', draft: next });
    },
    [draft, draftId, props.copyOf, props.lastRun],
  );
  const openKept = useCallback(() => {
    if (!kept) return;
    change(() => kept.draft);
    setKept(null);
  }, [kept, change]);

  return {
    draft,
    change,
    replace,
    undo,
    redo,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    base,
    setBase,
    /** What is on the page was stored as that. */
    wasSaved: useCallback(
      (stored: StoredRecipe) => {
        forgetDraft(drafts(), openedId);
        // The files stay at hand for the next change of the recipe. Kept here, since the page may be left before an effect runs.
        const kept = { draft, version: stored.version, at: new Date().toISOString() };
        keepSaved(window.sessionStorage, window.localStorage, stored.recipe_id, kept);
        setBase(stored);
        setSaved(draft);
      },
      [draft, openedId],
    ),
    kept,
    /** What is kept belongs to an earlier version than the present one, so it is not shown by itself. */
    keptIsStale: kept !== null && base !== null && kept.version !== base.version,
    closeKept: useCallback(() => setKept(null), []),
    openKept,
    restart,
  };
}
