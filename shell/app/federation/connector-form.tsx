import type { ConnectorFormProps, ConnectorSetupProps } from '@kalla/core/panel';
import { Button, Skeleton } from '@kalla/ui';
import { useMemo, useState } from 'react';
import { messages } from '../messages.ts';
import type { PanelEntry } from './panel-entry.ts';
import { PanelSlot } from './panel-slot.tsx';

const text = messages.connectorForm;
/** Milliseconds after which the plain form is shown in place of a panel that does not come. */
const patience = 10_000;

/**
 * The form that a connector brings for its settings. Where it brings none, or where what it brings cannot be shown, the plain form
 * is there with the reason; and nobody is held up by a form that is shown but does not work: the plain one is a button away.
 */
export function ConnectorForm({ connector, settings, children }: ConnectorFormProps) {
  const [plain, setPlain] = useState(false);
  const entry = useMemo(() => entryOf(connector), [connector]);
  if (!entry) return children;
  const name = `${connector.package} ${connector.version}`;
  const toggle = (
    <p>
      <Button tone="quiet" small onClick={() => setPlain(!plain)}>
        {plain ? text.useOwn : text.usePlain}
      </Button>
    </p>
  );
  if (plain) {
    return (
      <>
        {children}
        {toggle}
      </>
    );
  }
  return (
    <PanelSlot<ConnectorSetupProps>
      entry={entry}
      props={settings}
      timeout={patience}
      waiting={
        <>
          <Skeleton lines={4} label={text.loading} />
          {toggle}
        </>
      }
      after={toggle}
      fallback={(reason, retry) => (
        <div className="k-form">
          <section className="k-notice" role="status">
            <p>{text.failed(name, reason)}</p>
            <p>{text.instead}</p>
            {retry && (
              <Button small onClick={retry}>
                {messages.panel.retry}
              </Button>
            )}
          </section>
          {children}
        </div>
      )}
    />
  );
}

/** Null where the connector brings no form, or where nothing of it is known but its name. */
function entryOf({ package: owner, version, panel }: ConnectorFormProps['connector']): PanelEntry | null {
  if (!panel || (panel.entry === undefined && panel.refused === undefined)) return null;
  return {
    package: owner,
    version,
    slot: panel.slot,
    remote: panel.remote ?? '',
    expose: panel.expose,
    entry: panel.entry ?? null,
    scripts: panel.scripts ?? [],
    styles: panel.styles ?? [],
    refused: panel.refused ?? null,
    source: null,
  };
}
