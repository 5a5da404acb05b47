import type { KeyProof, SourceDraft } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { useCallback, useEffect, useState } from 'react';
import { useCall, type Call } from './use-call.ts';

export interface Key {
  columns: readonly string[];
  proof: Call<KeyProof>;
  /** Takes these columns and counts them. */
  choose(columns: string[]): void;
  /** Looks for a key in the data. */
  propose(): void;
  stop(): void;
  /** Another table: its key is looked for anew. */
  forget(): void;
}

/**
 * The key of a table: the one it had, counted again, or one that is looked for. `active` is true once there is a table that
 * can be read.
 */
export function useKey(draft: SourceDraft, active: boolean, initial: readonly string[]): Key {
  const { api } = usePanelHost();
  const [columns, setColumns] = useState<readonly string[]>(initial);
  const { call, start, clear } = useCall<KeyProof>();

  const count = useCallback(
    (wanted: readonly string[]) =>
      start(async (signal) => {
        const body = { source: draft, ...(wanted.length > 0 ? { columns: wanted } : {}) };
        const proof = await api.request<KeyProof>('POST', '/api/inspect/keys', body, signal);
        if (!signal.aborted) setColumns(proof.columns);
        return proof;
      }),
    [api, draft, start],
  );
  useEffect(() => {
    if (active) count(columns);
    else clear();
    // The columns are counted when they are chosen; here it is the table that has changed.
  }, [active, count]);

  return {
    columns,
    proof: call,
    choose(next) {
      setColumns(next);
      if (next.length > 0) count(next);
      else clear();
    },
    propose() {
      setColumns([]);
      count([]);
    },
    stop: clear,
    forget: () => setColumns([]),
  };
}
