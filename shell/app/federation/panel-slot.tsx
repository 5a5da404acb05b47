import { Button, Skeleton } from '@kalla/ui';
import { lazy, Suspense, useEffect, useState, type ComponentType, type ReactNode } from 'react';
import { preload } from 'react-dom';
import { messages } from '../messages.ts';
import { useNonce } from '../nonce.ts';
import { loadPanel } from './load-panel.ts';
import { PanelBoundary } from './panel-boundary.tsx';
import type { PanelEntry } from './panel-entry.ts';
import { PanelHostProvider } from './panel-host.tsx';

export interface PanelSlotProps<P> {
  entry: PanelEntry;
  props: P;
  /** What is shown in place of the panel, with the reason and a way to try again where there is one. */
  fallback?: (reason: string, retry: (() => void) | null) => ReactNode;
  /** What is shown while the panel loads. */
  waiting?: ReactNode;
  /** Stands below the panel while it is shown. */
  after?: ReactNode;
  /** Milliseconds after which loading is given up. */
  timeout?: number;
}

/**
 * The place of a panel on a page. On the server and until the panel is there it shows a skeleton; where the panel cannot be
 * loaded or throws, it shows the reason and a button to try again. Nothing that a panel does reaches the rest of the page.
 */
export function PanelSlot<P extends object>({ entry, props, fallback, timeout, ...shown }: PanelSlotProps<P>) {
  const [attempt, setAttempt] = useState(0);
  const [inBrowser, setInBrowser] = useState(false);
  useEffect(() => setInBrowser(true), []);

  const name = `${entry.package} ${entry.version}`;
  if (entry.refused) {
    if (fallback) return fallback(entry.refused, null);
    return (
      <section className="k-notice k-notice-bad" role="alert">
        <h2 className="k-notice-title">{messages.panel.refusedTitle}</h2>
        <p>
          {messages.panel.failed(name, entry.refused)} {messages.panel.remainder}
        </p>
      </section>
    );
  }
  const waiting = shown.waiting ?? <Skeleton lines={6} label={messages.panel.loading} />;
  const retry = () => {
    loaded.delete(keyOf(entry));
    setAttempt(attempt + 1);
  };
  return (
    <>
      <PanelLinks entry={entry} />
      {inBrowser ? (
        <PanelBoundary
          key={attempt}
          fallback={(error) =>
            fallback ? (
              fallback(error.message, retry)
            ) : (
              <section className="k-notice k-notice-bad" role="alert">
                <h2 className="k-notice-title">{messages.panel.failedTitle}</h2>
                <p>
                  {messages.panel.failed(name, error.message)} {messages.panel.remainder}
                </p>
                <Button small onClick={retry}>
                  {messages.panel.retry}
                </Button>
              </section>
            )
          }
        >
          <Suspense fallback={waiting}>
            <Mounted entry={entry} again={attempt > 0} props={props} timeout={timeout} />
            {shown.after}
          </Suspense>
        </PanelBoundary>
      ) : (
        waiting
      )}
    </>
  );
}

/** `lazy` must make one component per panel, outside of rendering; a retry makes a new one. */
const loaded = new Map<string, ComponentType<never>>();
const keyOf = (entry: PanelEntry) => `${entry.entry ?? entry.source} ${entry.expose}`;

interface MountedProps<P> {
  entry: PanelEntry;
  again: boolean;
  props: P;
  timeout: number | undefined;
}

function Mounted<P extends object>({ entry, again, props, timeout }: MountedProps<P>) {
  let Panel = loaded.get(keyOf(entry)) as ComponentType<P> | undefined;
  if (!Panel) {
    Panel = lazy(() => loadPanel<P>(entry, { again, timeout })) as unknown as ComponentType<P>;
    loaded.set(keyOf(entry), Panel as ComponentType<never>);
  }
  return (
    <PanelHostProvider>
      <Panel {...props} />
    </PanelHostProvider>
  );
}

/**
 * The panel's style sheets, and on the server links that fetch its scripts while the page hydrates. Such a link needs the
 * nonce, which only the server knows; after a navigation in the browser the scripts themselves are asked for at once.
 */
function PanelLinks({ entry }: { entry: PanelEntry }) {
  const nonce = useNonce();
  if (nonce) for (const href of entry.scripts) preload(href, { as: 'script', nonce });
  return entry.styles.map((href) => <link key={href} rel="stylesheet" href={href} precedence="panel" />);
}
