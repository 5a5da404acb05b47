import type { SourceDraft, TableRef } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { useCallback, useEffect, useRef, useState } from 'react';
import { problemOf, type Shown } from './faults.ts';
import { lookOn, type TablesPage } from './look-on.ts';

/** How long the reader's typing has to rest before the server is asked, in ms. */
const rest = 200;
const pageSize = 100;

export interface Tables {
  /** Null until the first page is there. */
  tables: readonly TableRef[] | null;
  /** Cursor of the next page, null at the end. */
  next: string | null;
  busy: boolean;
  problem: Shown | null;
  /** The search that `tables` are the answer to. */
  searched: string;
  more(): void;
  again(): void;
}

/** The tables of a source that have `q` in their name, page by page. An answer that comes too late is left out. */
export function useTables(draft: SourceDraft, q: string): Tables {
  const { api } = usePanelHost();
  const [found, setFound] = useState<{ page: TablesPage; searched: string } | null>(null);
  const [problem, setProblem] = useState<Shown | null>(null);
  const [busy, setBusy] = useState(true);
  const [attempt, setAttempt] = useState(0);
  const going = useRef<AbortController>(null);
  const first = useRef(true);

  const ask = useCallback(
    async (search: string, cursor: string | null, before: readonly TableRef[]) => {
      going.current?.abort();
      const controller = new AbortController();
      going.current = controller;
      setBusy(true);
      setProblem(null);
      try {
        const page = await lookOn(
          (from) =>
            api.request<TablesPage>(
              'POST',
              '/api/inspect/tables',
              { source: draft, limit: pageSize, ...(search ? { q: search } : {}), ...(from ? { cursor: from } : {}) },
              controller.signal,
            ),
          cursor,
          controller.signal,
        );
        setFound({ page: { tables: [...before, ...page.tables], next: page.next }, searched: search });
      } catch (error) {
        if (!controller.signal.aborted) setProblem(problemOf(error));
      } finally {
        if (going.current === controller) setBusy(false);
      }
    },
    [api, draft],
  );

  useEffect(() => {
    const timer = setTimeout(() => void ask(q.trim().slice(0, 200), null, []), first.current ? 0 : rest);
    first.current = false;
    return () => clearTimeout(timer);
  }, [ask, q, attempt]);
  useEffect(() => () => going.current?.abort(), []);

  return {
    tables: found?.page.tables ?? null,
    next: found?.page.next ?? null,
    busy,
    problem,
    searched: found?.searched ?? '',
    more: () => {
      if (found?.page.next) void ask(found.searched, found.page.next, found.page.tables);
    },
    again: () => setAttempt((number) => number + 1),
  };
}
