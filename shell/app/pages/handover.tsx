import type { SourceSetupProps } from '@kalla/core/panel';
import { useSyncExternalStore } from 'react';
import type { Route } from './+types/handover';
import { ConnectorForm } from '../federation/connector-form.tsx';
import { panelFor } from '../federation/panel-registry.server.ts';
import { PanelSlot } from '../federation/panel-slot.tsx';
import { messages } from '../messages.ts';

const text = messages.handover;

/** The page stands alone: no way leads from it to anything else of this Kalla. */
export const handle = { alone: true };

export function loader() {
  return { panel: panelFor('source.setup') };
}

export const meta: Route.MetaFunction = () => [
  { title: `${text.title} · ${messages.appName}` },
  { name: 'robots', content: 'noindex, nofollow' },
];

export function headers() {
  return { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex, nofollow' };
}

/** What a link opens with which the connection of a source is handed over. Its secret is behind `#`, which no server sees. */
export default function Handover({ loaderData }: Route.ComponentProps) {
  const { panel } = loaderData;
  const token = useSyncExternalStore(onHash, hash, () => null);
  return (
    <div className="page">
      <div className="page-head">
        <h1>{text.title}</h1>
      </div>
      {!panel ? (
        <p role="alert">{messages.sources.noPanel}</p>
      ) : token === '' ? (
        <p role="alert">{text.incomplete}</p>
      ) : (
        token !== null && (
          <PanelSlot<SourceSetupProps> key={token} entry={panel} props={{ handover: token, ConnectorForm }} />
        )
      )}
    </div>
  );
}

function hash(): string {
  return window.location.hash.slice(1);
}

function onHash(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}
