import type { HandoverLink, HandoverState, Source } from '@kalla/core';
import { ApiError, usePanelHost } from '@kalla/core/panel';
import { useCallback, useEffect, useRef, useState } from 'react';
import { problemOf, type Shown } from './faults.ts';
import { messages } from './messages.ts';

/** How often the server is asked whether a link was filled in, in ms. */
const pause = 3_000;

/**
 * The link of a source: made, watched until it is filled in, taken back. `alias` is the source's name, or the one that it is to
 * get; null where there is none yet.
 */
export function useHandOver(source: Source | undefined, type: string) {
  const { api, notify } = usePanelHost();
  const [alias, setAlias] = useState(source?.alias ?? null);
  const [link, setLink] = useState<HandoverLink | null>(null);
  const [status, setStatus] = useState<HandoverState | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Shown | null>(null);
  /** It was filled in while this page was open. */
  const [justDone, setJustDone] = useState(false);
  const known = useRef<HandoverState['state']>(null);

  const ask = useCallback(
    async (name: string, signal: AbortSignal) => {
      try {
        const path = `/api/sources/${encodeURIComponent(name)}/handover`;
        const now = await api.request<HandoverState>('GET', path, undefined, signal);
        if (signal.aborted) return;
        if (known.current === 'pending' && now.state === 'done') {
          setJustDone(true);
          notify('success', messages.handDoneNotice(name));
        }
        if (now.state !== 'pending') setLink(null);
        known.current = now.state;
        setStatus(now);
      } catch (error) {
        // The server may be restarting: what is shown stays, and it is asked again.
        if (!signal.aborted && !(error instanceof ApiError)) throw error;
      }
    },
    [api, notify],
  );
  const pending = status?.state === 'pending';
  useEffect(() => {
    if (alias === null) return;
    const controller = new AbortController();
    void ask(alias, controller.signal);
    const timer = pending ? setInterval(() => void ask(alias, controller.signal), pause) : undefined;
    return () => {
      clearInterval(timer);
      controller.abort();
    };
  }, [alias, ask, pending]);

  async function act(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  }
  const make = (name: string) =>
    act(async () => {
      const path = `/api/sources/${encodeURIComponent(name)}/handover`;
      const made = await api.request<HandoverLink>('POST', path, source ? {} : { type });
      known.current = 'pending';
      setJustDone(false);
      setAlias(name);
      setLink(made);
      setStatus({ state: 'pending', created_at: null, expires_at: made.expires_at, done_at: null });
    });
  const takeBack = () =>
    act(async () => {
      if (alias === null) return;
      try {
        await api.request('DELETE', `/api/sources/${encodeURIComponent(alias)}/handover`);
        notify('info', messages.handTakenBack);
      } finally {
        // Whatever the answer was, what is so now is asked.
        await ask(alias, new AbortController().signal);
      }
    });
  return { alias, link, status, justDone, busy, problem, make, takeBack };
}
