import { useCallback, useEffect, useRef, useState } from 'react';
import { problemOf, type Shown } from './faults.ts';

/** A piece of work for the server: not begun, under way, done, failed. */
export type Call<T> =
  { state: 'idle' } | { state: 'busy' } | { state: 'done'; value: T } | { state: 'failed'; problem: Shown };

export interface Caller<T> {
  call: Call<T>;
  /** Starts the work; what is under way is given up. */
  start(work: (signal: AbortSignal) => Promise<T>): void;
  /** Gives up what is under way, and forgets what there was. */
  clear(): void;
}

/** One call at a time: a new one, and leaving the page, end the one that is under way, on the server as well. */
export function useCall<T>(): Caller<T> {
  const [call, setCall] = useState<Call<T>>({ state: 'idle' });
  const going = useRef<AbortController>(null);
  const clear = useCallback(() => {
    going.current?.abort();
    going.current = null;
    setCall({ state: 'idle' });
  }, []);
  const start = useCallback((work: (signal: AbortSignal) => Promise<T>) => {
    going.current?.abort();
    const controller = new AbortController();
    going.current = controller;
    setCall({ state: 'busy' });
    work(controller.signal).then(
      (value) => {
        if (controller.signal.aborted) return;
        going.current = null;
        setCall({ state: 'done', value });
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        going.current = null;
        setCall({ state: 'failed', problem: problemOf(error) });
      },
    );
  }, []);
  useEffect(() => () => going.current?.abort(), []);
  return { call, start, clear };
}
