import { PanelHostContext, type PanelHost } from '@kalla/core/panel';
import { notify, useLocale } from '@kalla/ui';
import { useMemo, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { useTheme } from '../theme-toggle.tsx';
import { panelApi } from './api-client.ts';

/** Gives the panels inside it what they may use of the shell. */
export function PanelHostProvider({ children }: { children: ReactNode }) {
  const navigate = useNavigate();
  const locale = useLocale();
  const theme = useTheme();
  const host = useMemo<PanelHost>(
    () => ({
      api: panelApi,
      // Going to where one is reads the page's data anew; it makes no second entry in the browser's history.
      navigate: (to) => void navigate(to, { replace: to === window.location.pathname + window.location.search }),
      notify,
      theme,
      locale,
    }),
    [navigate, theme, locale],
  );
  return <PanelHostContext value={host}>{children}</PanelHostContext>;
}
