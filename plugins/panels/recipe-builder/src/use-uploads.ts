import type { Upload } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { SideName } from './draft.ts';
import { problemIn, type ProblemLike } from './use-latest.ts';

export type Sending =
  | { step: 'sending'; name: string; sent: number; read?: number | undefined }
  | { step: 'refused'; problem: ProblemLike };

/** Files on their way to the server, one for each side at a time. */
export function useUploads(onUploaded: (side: SideName, upload: Upload) => void) {
  const { api } = usePanelHost();
  const [sending, setSending] = useState<Partial<Record<SideName, Sending>>>({});
  const going = useRef<Partial<Record<SideName, AbortController>>>({});
  const done = useRef(onUploaded);
  useEffect(() => {
    done.current = onUploaded;
  });
  useEffect(() => {
    const all = going.current;
    return () => {
      for (const controller of Object.values(all)) controller?.abort();
    };
  }, []);

  const set = useCallback((side: SideName, state: Sending | undefined) => {
    setSending(({ [side]: _before, ...rest }) => (state ? { ...rest, [side]: state } : rest));
  }, []);

  const send = useCallback(
    async (side: SideName, file: File, options: Record<string, unknown> = {}) => {
      going.current[side]?.abort();
      const controller = new AbortController();
      going.current[side] = controller;
      set(side, { step: 'sending', name: file.name, sent: 0 });
      try {
        const progress = (sent: number, read?: number) => set(side, { step: 'sending', name: file.name, sent, read });
        const upload = await api.upload(file, options, progress, controller.signal);
        if (controller.signal.aborted) return;
        set(side, undefined);
        done.current(side, upload);
      } catch (error) {
        if (!controller.signal.aborted) set(side, { step: 'refused', problem: problemIn(error) });
      }
    },
    [api, set],
  );
  const stop = useCallback(
    (side: SideName) => {
      going.current[side]?.abort();
      set(side, undefined);
    },
    [set],
  );
  const refuse = useCallback(
    (side: SideName, detail: string) => set(side, { step: 'refused', problem: { detail } }),
    [set],
  );
  return { sending, send, stop, refuse };
}
