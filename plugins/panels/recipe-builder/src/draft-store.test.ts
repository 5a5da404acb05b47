import { describe, expect, it } from 'vitest';
import { emptyDraft, type Draft } from './draft.ts';
import { draftStore, forgetDraft, keepDraft, keepSaved, keptDraft, type Store } from './draft-store.ts';

function memory(): Store & { values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}
const draft: Draft = {
  ...emptyDraft,
  name: 'x',
  sides: {
    left: { ref: { kind: 'source', alias: 'a' }, alias: 'a', primaryKey: null, schema: null, options: {} },
    right: null,
  },
};
const kept = { draft, version: 3, at: '2026-01-31T08:00:00.000Z' };

describe('a kept draft', () => {
  it('comes back, for its own recipe only', () => {
    const store = memory();
    keepDraft(store, 'r', kept);
    expect(keptDraft(store, 'r')).toEqual(kept);
    expect(keptDraft(store, null)).toBeNull();
    expect(keptDraft(store, 'new')).toBeNull();
    forgetDraft(store, 'r');
    expect(keptDraft(store, 'r')).toBeNull();
  });

  it('is a window’s own before that of another, until there is nothing of its own in it', () => {
    const shared = memory();
    const [mine, theirs] = [memory(), memory()];
    keepDraft(draftStore(mine, shared), 'r', kept);
    keepDraft(draftStore(theirs, shared), 'r', { ...kept, version: 4 });
    expect(keptDraft(draftStore(mine, shared), 'r')).toEqual(kept);
    expect(keptDraft(draftStore(memory(), shared), 'r')).toEqual({ ...kept, version: 4 });
    forgetDraft(draftStore(theirs, shared), 'r');
    expect(keptDraft(draftStore(mine, shared), 'r')).toEqual(kept);
    keepSaved(mine, shared, 'r', { ...kept, version: 5 });
    keepSaved(theirs, shared, 'r', { ...kept, version: 6 });
    expect(keptDraft(draftStore(mine, shared), 'r')).toEqual({ ...kept, version: 6 });
  });

  it('is nothing where it cannot be read', () => {
    const store = memory();
    keepDraft(store, null, kept);
    const [key] = store.values.keys();
    const broken = [
      '{',
      '"x"',
      '{"draft":{}}',
      JSON.stringify({ ...kept, draft: { ...draft, rule: { conditions: [{ kind: 'psychic' }] } } }),
      JSON.stringify({ ...kept, draft: { ...draft, sides: { left: {}, right: null } } }),
    ];
    for (const text of broken) {
      store.values.set(key!, text);
      expect(keptDraft(store, null), text).toBeNull();
    }
  });

  it('is not missed where the browser keeps nothing', () => {
    const refuse = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    const store: Store = { getItem: refuse, setItem: refuse, removeItem: refuse };
    expect(() => keepDraft(store, null, kept)).not.toThrow();
    expect(keptDraft(store, null)).toBeNull();
  });
});
