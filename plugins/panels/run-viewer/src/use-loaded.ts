import { useEffect, useState } from 'react';

export type Loaded<T> = { value: T } | { error: Error } | null;

/** Loads something whenever `key` changes; null while it is under way. A call that is no longer wanted is aborted. */
export function useLoaded<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string | null; loaded: Loaded<T> }>({ key, loaded: null });
  useEffect(() => {
    if (key === null) return;
    const controller = new AbortController();
    const settle = (loaded: Loaded<T>) => {
      if (!controller.signal.aborted) setState({ key, loaded });
    };
    load(controller.signal).then(
      (value) => settle({ value }),
      (error: unknown) => settle({ error: error instanceof Error ? error : new Error(String(error)) }),
    );
    return () => controller.abort();
    // `key` says all that `load` depends on.
  }, [key]);
  return state.key === key ? state.loaded : null;
}
