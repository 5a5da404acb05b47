import { Button, Skeleton } from '@kalla/ui';
import { lazy, Suspense, useEffect, useState, type ComponentType } from 'react';
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
}

/**
 * The place of a panel on a page. On the server and until the panel is there it shows a skeleton; where the panel cannot be
 * loaded or throws, it shows the reason and a button to try again. Nothing that a panel does reaches the rest of the page.
 */
export function PanelSlot<P extends object>({ entry, props }: PanelSlotProps<P>) {
  const [attempt, setAttempt] = useState(0);
  const [inBrowser, setInBrowser] = useState(false);
  useEffect(() => setInBrowser(true), []);

  const name = `${entry.package} ${entry.version}`;
  if (entry.refused) {
    return (
      <section className="k-notice k-notice-bad" role="alert">
        <h2 className="k-notice-title">{messages.panel.refusedTitle}</h2>
        <p>
          {messages.panel.failed(name, entry.refused)} {messages.panel.remainder}
        </p>
      </section>
    );
  }
  const waiting = <Skeleton lines={6} label={messages.panel.loading} />;
  return (
    <>
      <PanelLinks entry={entry} />
      {inBrowser ? (
        <PanelBoundary
          key={attempt}
          fallback={(error) => (
            <section className="k-notice k-notice-bad" role="alert">
              <h2 className="k-notice-title">{messages.panel.failedTitle}</h2>
              <p>
                {messages.panel.failed(name, error.message)} {messages.panel.remainder}
              </p>
              <Button
                small
                onClick={() => {
                  loaded.delete(keyOf(entry));
                  setAttempt(attempt + 1);
                }}
              >
                {messages.panel.retry}
              </Button>
            </section>
          )}
        >
          <Suspense fallback={waiting}>
            <Mounted entry={entry} again={attempt > 0} props={props} />
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

function Mounted<P extends object>({ entry, again, props }: { entry: PanelEntry; again: boolean; props: P }) {
  let Panel = loaded.get(keyOf(entry)) as ComponentType<P> | undefined;
  if (!Panel) {
    Panel = lazy(() => loadPanel<P>(entry, again)) as unknown as ComponentType<P>;
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
