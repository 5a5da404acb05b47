import { useCallback, useEffect, useState } from 'react';
import { readView, writeView, type ViewState } from './view-state.ts';

/**
 * The view, kept in the page's address. It is replaced and not pushed, so that one press of Back leaves the page, and it
 * does not go through the shell's router: nothing but this panel depends on it.
 */
export function useView(): [ViewState, (change: Partial<ViewState>) => void] {
  const [view, setView] = useState<ViewState>(() => readView(window.location.search));
  useEffect(() => {
    const onPop = () => setView(readView(window.location.search));
    window.addEventListener('popstate', onPop);
    return () => window.removeEventListener('popstate', onPop);
  }, []);
  useEffect(() => {
    const search = writeView(view);
    if (search !== window.location.search) {
      window.history.replaceState(window.history.state, '', window.location.pathname + search + window.location.hash);
    }
  }, [view]);
  const change = useCallback((part: Partial<ViewState>) => setView((before) => ({ ...before, ...part })), []);
  return [view, change];
}
