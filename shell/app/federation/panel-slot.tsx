import { Button, Skeleton } from '@kalla/ui';
import { Suspense, useEffect, useState, type ComponentType, type ReactNode } from 'react';
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
    loads.delete(keyOf(entry));
    setAttempt(attempt + 1);
  };
  return (
    <>
      <PanelLinks entry={entry} />
      <PanelBoundary
        key={`${keyOf(entry)} ${attempt}`}
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
        <Mounted
          entry={entry}
          again={attempt > 0}
          props={props}
          timeout={timeout}
          waiting={waiting}
          after={shown.after}
        />
      </PanelBoundary>
    </>
  );
}

interface Load {
  loading: Promise<ComponentType<never>>;
  /** Null until it is there. */
  component: ComponentType<never> | null;
}

/** Each panel is loaded once for a page's life, where it fails too; a retry forgets it first. Filled in browsers only. */
const loads = new Map<string, Load>();
const keyOf = (entry: PanelEntry) => `${entry.entry ?? entry.source} ${entry.expose}`;

function loadOnce(entry: PanelEntry, options: { again: boolean; timeout: number | undefined }): Load {
  const known = loads.get(keyOf(entry));
  if (known) return known;
  const loading = loadPanel<never>(entry, options).then((module) => (load.component = module.default));
  loading.catch(() => undefined); // Whoever shows the panel tells; it may fail before anybody does.
  const load: Load = { loading, component: null };
  loads.set(keyOf(entry), load);
  return load;
}

interface MountedProps<P> {
  entry: PanelEntry;
  again: boolean;
  props: P;
  timeout: number | undefined;
  waiting: ReactNode;
  after: ReactNode;
}

/**
 * Loads the panel and shows it. Not with React's `lazy`: what that has suspended is shown 300 ms after the rest of the page at
 * the earliest, and most panels are there before that.
 */
function Mounted<P extends object>({ entry, again, props, timeout, waiting, after }: MountedProps<P>) {
  const [Panel, setPanel] = useState(() => {
    if (typeof document === 'undefined') return null;
    // Asked for here already, so that its scripts come and run while the rest of the page wakes.
    return loadOnce(entry, { again, timeout }).component as ComponentType<P> | null;
  });
  const [failure, setFailure] = useState<{ error: unknown } | null>(null);
  useEffect(() => {
    performance.mark(panelMarks.asked);
    if (Panel) return undefined;
    let left = false;
    loadOnce(entry, { again, timeout }).loading.then(
      (component) => left || setPanel(() => component as ComponentType<P>),
      (error: unknown) => left || setFailure({ error }),
    );
    return () => {
      left = true;
    };
    // The boundary around it has a key for each panel and attempt: nothing of this changes while it stands.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  useEffect(() => {
    if (Panel) performance.mark(panelMarks.ready);
  }, [Panel]);
  if (failure) throw failure.error;
  if (!Panel) return waiting;
  return (
    <Suspense fallback={waiting}>
      <PanelHostProvider>
        <Panel {...props} />
      </PanelHostProvider>
      {after}
    </Suspense>
  );
}

/** What the browser's timeline says of a panel: its page has its data, and it is shown. The benchmark `panel_ready` reads them. */
const panelMarks = { asked: 'kalla: panel asked', ready: 'kalla: panel ready' };

/**
 * The panel's style sheets, and on the server links that fetch its scripts while the page hydrates. Such a link needs the
 * nonce, which only the server knows; after a navigation in the browser the scripts themselves are asked for at once.
 */
function PanelLinks({ entry }: { entry: PanelEntry }) {
  const nonce = useNonce();
  if (nonce) for (const href of entry.scripts) preload(href, { as: 'script', nonce });
  return entry.styles.map((href) => <link key={href} rel="stylesheet" href={href} precedence="panel" />);
}
