import { usePanelHost } from '@kalla/core/panel';
import type { AnchorHTMLAttributes } from 'react';

/** A link inside the app. Opening it in another tab works as with any link. */
export function HostLink({ to, children, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { to: string }) {
  const { navigate } = usePanelHost();
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        navigate(to);
      }}
    >
      {children}
    </a>
  );
}
