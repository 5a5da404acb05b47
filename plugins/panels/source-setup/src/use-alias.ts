import type { ConnectorInfo, Source } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import type { Settings } from '@kalla/ui';
import { useEffect, useRef, useState } from 'react';
import { fileLabel, isAlias, proposeAlias } from './alias.ts';
import { messages } from './messages.ts';
import { aliasId } from './save-step.tsx';

export interface Alias {
  value: string;
  error: string | null;
  /** What the reader types; from then on nothing is proposed. */
  type(value: string): void;
  /** False where the name cannot be used; the reader is brought to the field. */
  check(): boolean;
  /** The server does not take it. */
  refuse(sentence: string): void;
}

/** The name of the source: proposed from its table or file until the reader writes another. */
export function useAlias(
  source: Source | undefined,
  connector: ConnectorInfo,
  settings: Settings,
  table: string | null,
  wanted: boolean,
): Alias {
  const { api } = usePanelHost();
  const [value, setValue] = useState(source?.alias ?? '');
  const [error, setError] = useState<string | null>(null);
  const [taken, setTaken] = useState<readonly string[] | null>(null);
  const typed = useRef(source !== undefined);

  useEffect(() => {
    if (source) return;
    const controller = new AbortController();
    api.request<{ sources: Source[] }>('GET', '/api/sources?limit=500', undefined, controller.signal).then(
      ({ sources }) => setTaken(sources.map(({ alias }) => alias)),
      // Without the list a name may be proposed that is taken; the server says so when it is saved.
      () => setTaken([]),
    );
    return () => controller.abort();
  }, [api, source]);

  const uri = typeof settings.uri === 'string' && connector.kind === 'file' ? settings.uri : null;
  // A workbook is known by its name; its sheets are called Sheet1 everywhere.
  const label = uri === null ? table : fileLabel(uri);
  useEffect(() => {
    if (wanted && taken && label !== null && !typed.current) setValue(proposeAlias(label, taken));
  }, [wanted, taken, label]);

  function refuse(sentence: string) {
    setError(sentence);
    document.getElementById(aliasId)?.focus();
  }
  return {
    value,
    error,
    type(next) {
      typed.current = true;
      setValue(next);
      setError(null);
    },
    check() {
      if (source) return true;
      const sentence = !isAlias(value)
        ? messages.aliasWrong
        : taken?.includes(value)
          ? messages.aliasTaken(value)
          : null;
      if (sentence !== null) refuse(sentence);
      return sentence === null;
    },
    refuse,
  };
}
