import type { Source } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { useState } from 'react';
import { problemOf, type Shown } from './faults.ts';
import { messages } from './messages.ts';

export interface ToSave {
  alias: string;
  type: string;
  config: Record<string, unknown>;
  table?: string;
  primary_key?: readonly string[];
}

/** Makes the source, or changes it, and goes to the list. What went wrong is given back. */
export function useSave(source: Source | undefined) {
  const { api, navigate, notify } = usePanelHost();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Shown | null>(null);

  async function run(input: ToSave): Promise<Shown | null> {
    setBusy(true);
    setProblem(null);
    try {
      if (source) {
        const { alias: _alias, type: _type, ...change } = input;
        await api.request('PATCH', `/api/sources/${encodeURIComponent(source.alias)}`, change);
      } else await api.request('POST', '/api/sources', input);
      notify('success', messages.saved(input.alias));
      navigate('/sources');
      return null;
    } catch (error) {
      const shown = problemOf(error);
      setProblem(shown);
      return shown;
    } finally {
      setBusy(false);
    }
  }
  return { busy, problem, run };
}
