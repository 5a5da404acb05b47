import type { CheckStep } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { useCallback, useEffect, useRef, useState } from 'react';
import { problemOf, type Shown } from './faults.ts';

export interface Check {
  state: 'idle' | 'running' | 'passed' | 'failed' | 'stopped';
  steps: readonly CheckStep[];
  /** Where the check could not be made at all. */
  problem: Shown | null;
}

const idle: Check = { state: 'idle', steps: [], problem: null };

/** The check of a connection, step by step as the server finds out. Stopping it stops it on the server. */
export function useCheck(path = '/api/inspect/check'): {
  check: Check;
  /** `body` is what the call takes: what is to be checked. */
  run(body: object): Promise<Check>;
  stop(): void;
  reset(): void;
} {
  const { api } = usePanelHost();
  const [check, setCheck] = useState<Check>(idle);
  const going = useRef<AbortController>(null);

  const run = useCallback(
    async (body: object): Promise<Check> => {
      going.current?.abort();
      const controller = new AbortController();
      going.current = controller;
      let now: Check = { ...idle, state: 'running' };
      const set = (change: Partial<Check>) => {
        now = { ...now, ...change };
        if (going.current === controller) setCheck(now);
      };
      set({});
      try {
        await api.events<CheckStep>(path, body, (step) => set({ steps: [...now.steps, step] }), controller.signal);
        const passed = now.steps.length > 0 && now.steps.every((step) => step.ok);
        set({ state: passed ? 'passed' : 'failed' });
      } catch (error) {
        if (controller.signal.aborted) set({ state: 'stopped' });
        else set({ state: 'failed', problem: problemOf(error) });
      }
      if (going.current === controller) going.current = null;
      return now;
    },
    [api, path],
  );
  const stop = useCallback(() => going.current?.abort(), []);
  const reset = useCallback(() => {
    going.current?.abort();
    going.current = null;
    setCheck(idle);
  }, []);
  useEffect(
    () => () => {
      going.current?.abort();
      going.current = null;
    },
    [],
  );
  return { check, run, stop, reset };
}
