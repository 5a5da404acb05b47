import { useSyncExternalStore } from 'react';
import { messages } from './messages.ts';
import { THEME_COOKIE, type Theme } from './preferences.ts';

const CHANGED = 'kalla-theme';

function subscribe(listener: () => void): () => void {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    system.removeEventListener('change', listener);
    window.removeEventListener(CHANGED, listener);
  };
}

function shownTheme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** The theme that is on screen: the user's choice, else the system's. The server knows the choice only (`chosen`). */
export function useTheme(chosen: Theme | null = null): Theme {
  return useSyncExternalStore(subscribe, shownTheme, () => chosen ?? 'light');
}

/** Switches between light and dark and keeps the choice in a cookie for a year, so that the server renders it at once. */
export function ThemeToggle({ chosen }: { chosen: Theme | null }) {
  const theme = useTheme(chosen);
  const other: Theme = theme === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      className="k-button k-button-quiet k-button-small"
      aria-label={other === 'dark' ? messages.theme.labelDark : messages.theme.labelLight}
      onClick={() => {
        document.cookie = `${THEME_COOKIE}=${other}; Path=/; Max-Age=31536000; SameSite=Lax`;
        document.documentElement.dataset.theme = other;
        window.dispatchEvent(new Event(CHANGED));
      }}
    >
      {other === 'dark' ? messages.theme.toDark : messages.theme.toLight}
    </button>
  );
}
