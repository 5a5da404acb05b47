import type { Problem } from '@kalla/core';
import { ApiError } from '@kalla/core/panel';
import { useEffect, useRef, useState } from 'react';

export type ProblemLike = Pick<Problem, 'detail'> & Partial<Problem>;

export interface Latest<T> {
  /** The newest answer; it stays while the next one is on its way. */
  value: T | null;
  /** True where `value` answers the present question. */
  fresh: boolean;
  busy: boolean;
  problem: ProblemLike | null;
  /** How long the newest answer took, in ms, from the change on. */
  took: number | null;
}

/** What went wrong, as a sentence; rethrows what is no answer of the API. */
export function problemIn(error: unknown): ProblemLike {
  if (!(error instanceof ApiError)) throw error;
  return { ...(error.body as Problem | null), detail: error.detail };
}

interface Answer<T> {
  key: string;
  value: T | null;
  problem: ProblemLike | null;
  took: number;
}

/**
 * Asks a question again whenever it changes: after `wait` ms without another change, and never two at a time, since the
 * earlier one is aborted. `question` is null where there is nothing to ask.
 */
export function useLatest<T>(
  question: string | null,
  wait: number,
  ask: (question: string, signal: AbortSignal) => Promise<T>,
): Latest<T> {
  const [answer, setAnswer] = useState<Answer<T> | null>(null);
  const asking = useRef(ask);
  useEffect(() => {
    asking.current = ask;
  });
  useEffect(() => {
    if (question === null) return;
    const controller = new AbortController();
    const started = performance.now();
    const timer = setTimeout(() => {
      asking
        .current(question, controller.signal)
        .then((value) => ({ value, problem: null }))
        .catch((error: unknown) => ({ value: null, problem: controller.signal.aborted ? null : problemIn(error) }))
        .then(
          (outcome) => {
            if (!controller.signal.aborted) setAnswer({ key: question, ...outcome, took: performance.now() - started });
          },
          // An error of the program: thrown while rendering, so that the panel's boundary shows it.
          (error: unknown) =>
            setAnswer(() => {
              throw error;
            }),
        );
    }, wait);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [question, wait]);
  const fresh = answer !== null && answer.key === question;
  return {
    value: question === null ? null : (answer?.value ?? null),
    fresh,
    busy: question !== null && !fresh,
    problem: fresh ? answer.problem : null,
    took: answer?.took ?? null,
  };
}
