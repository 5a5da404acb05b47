import { ruleSchema } from '@kalla/core';
import { emptyRule, type Draft } from './draft.ts';

/** A draft as the browser keeps it. */
export interface KeptDraft {
  draft: Draft;
  /** The version that it changes; null for a new recipe. */
  version: number | null;
  /** ISO 8601. */
  at: string;
}

/** The part of `Storage` that is used. */
export type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/**
 * Where this browser keeps drafts: for the window alone, and for one that is opened later. A window finds its own draft first:
 * another one may have kept or saved something else of the same recipe meanwhile.
 *
 * @example
 * keepDraft(draftStore(window.sessionStorage, window.localStorage), recipeId, kept);
 */
export function draftStore(own: Store, shared: Store): Store {
  return {
    getItem: (key) => own.getItem(key) ?? shared.getItem(key),
    setItem: (key, value) => {
      own.setItem(key, value);
      shared.setItem(key, value);
    },
    removeItem: (key) => {
      own.removeItem(key);
      shared.removeItem(key);
    },
  };
}

/** Keeps what is saved, its files at hand, for whoever opens the recipe next; the window has nothing of its own any more. */
export function keepSaved(own: Store, shared: Store, recipeId: string | null, kept: KeptDraft): void {
  forgetDraft(own, recipeId);
  keepDraft(shared, recipeId, kept);
}

const keyOf = (recipeId: string | null) => `kalla.recipe-draft.${recipeId === null ? 'new' : `id.${recipeId}`}`;

/** Keeps a draft for the next time. A browser that keeps nothing is no reason to stop: the draft is still on the page. */
export function keepDraft(store: Store, recipeId: string | null, kept: KeptDraft): void {
  try {
    store.setItem(keyOf(recipeId), JSON.stringify(kept));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}

export function forgetDraft(store: Store, recipeId: string | null): void {
  try {
    store.removeItem(keyOf(recipeId));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}

/** The kept draft, or null where there is none, or one that this version cannot read. */
export function keptDraft(store: Store, recipeId: string | null): KeptDraft | null {
  let value: unknown;
  try {
    value = JSON.parse(store.getItem(keyOf(recipeId)) ?? 'null');
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException) return null;
    throw error;
  }
  return isKept(value) ? value : null;
}

function isKept(value: unknown): value is KeptDraft {
  const kept = value as KeptDraft | null;
  const draft = kept?.draft;
  if (!kept || typeof kept.at !== 'string' || typeof draft?.name !== 'string' || typeof draft.description !== 'string')
    return false;
  if (draft.sql !== null && typeof draft.sql !== 'string') return false;
  const noConditions = JSON.stringify(draft.rule?.conditions) === '[]';
  if (
    !ruleSchema.safeParse(
      noConditions ? { ...draft.rule, conditions: [{ kind: 'equal', left: 'a', right: 'b' }] } : draft.rule,
    ).success
  )
    return false;
  return (['left', 'right'] as const).every((name) => {
    const side = draft.sides?.[name];
    return (
      side === null ||
      (typeof side?.alias === 'string' &&
        ['upload', 'source', 'stored'].includes(side.ref?.kind) &&
        [side.primaryKey, side.schema].every((list) => list === null || Array.isArray(list)))
    );
  });
}

/** True where nothing of a draft is worth keeping. */
export function isBlank(draft: Draft): boolean {
  return !draft.sides.left && !draft.sides.right && !draft.name && draft.rule === emptyRule && draft.sql === null;
}
