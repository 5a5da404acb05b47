import type { ConnectorInfo, ConnectorKind, ReadAddress } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Button, FileDrop, visibleText } from '@kalla/ui';
import { useId, useState } from 'react';
import { AddressField } from './address-field.tsx';
import { addressFault } from './address-shape.ts';
import { problemOf, type Shown } from './faults.ts';
import { messages } from './messages.ts';

const kinds: readonly ConnectorKind[] = ['database', 'file', 'warehouse'];

export interface ChooseSourceProps {
  connectors: readonly ConnectorInfo[];
  onConnector(connector: ConnectorInfo): void;
  /** An address was taken apart into the settings of a connector. */
  onAddress(found: ReadAddress): void;
  onLocalFiles?: ((files: readonly File[]) => void) | undefined;
}

/** "What do you have?": a kind, then a connector; or the name of one; or an address that says it all. */
export function ChooseSource({ connectors, onConnector, onAddress, onLocalFiles }: ChooseSourceProps) {
  const { notify } = usePanelHost();
  const [kind, setKind] = useState<ConnectorKind>('database');
  const [typed, setTyped] = useState('');
  const search = useId();
  const group = useId();
  const wanted = typed.trim().toLowerCase();
  const found = wanted ? connectors.filter((one) => fits(one, wanted)) : [];

  return (
    <section className="k-card ss-choose" aria-labelledby={`${group}-title`}>
      <h2 id={`${group}-title`}>{messages.whatTitle}</h2>
      <div className="ss-search">
        <label htmlFor={search} className="k-visually-hidden">
          {messages.searchLabel}
        </label>
        <input
          id={search}
          type="search"
          className="k-input"
          placeholder={messages.searchConnectors}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      {wanted ? (
        <>
          <p role="status" className="k-soft">
            {found.length > 0 ? messages.found(found.length) : messages.noneFound(visibleText(typed.trim()))}
          </p>
          <ConnectorList connectors={found} onConnector={onConnector} />
        </>
      ) : (
        <>
          <fieldset className="ss-kinds">
            <legend className="k-visually-hidden">{messages.whatTitle}</legend>
            {kinds.map((one) => (
              <label key={one} className="ss-kind">
                <input type="radio" name={group} checked={kind === one} onChange={() => setKind(one)} />
                <strong>{messages.kinds[one].title}</strong>
                <span className="k-soft">{messages.kinds[one].text}</span>
              </label>
            ))}
          </fieldset>
          {kind === 'file' ? (
            <div className="ss-file">
              {onLocalFiles && (
                <div className="ss-part">
                  <h3>{messages.localTitle}</h3>
                  <FileDrop
                    label={messages.localDrop}
                    onFile={(file) => onLocalFiles([file])}
                    onRefuse={(sentence) => notify('error', sentence)}
                  >
                    <p className="k-soft">{messages.localText}</p>
                  </FileDrop>
                </div>
              )}
              <div className="ss-part">
                <h3>{messages.addressTitle}</h3>
                <Address
                  kind={kind}
                  label={messages.addressLabel}
                  help={messages.addressHelp}
                  example={messages.addressExample}
                  button={messages.addressButton}
                  empty={messages.addressEmpty}
                  connectors={connectors}
                  onAddress={onAddress}
                />
              </div>
            </div>
          ) : (
            <>
              <ConnectorList
                connectors={connectors.filter((one) => one.kind === kind)}
                none={messages.noneOfKind[kind]}
                onConnector={onConnector}
              />
              <Address
                kind={kind}
                label={messages.pasteLabel}
                help={messages.pasteHelp}
                example={messages.pasteExamples[kind]}
                button={messages.pasteButton}
                empty={messages.pasteEmpty}
                connectors={connectors}
                onAddress={onAddress}
              />
            </>
          )}
        </>
      )}
    </section>
  );
}

function fits(connector: ConnectorInfo, wanted: string): boolean {
  const words = [connector.title, connector.type, connector.package, ...connector.schemes, ...connector.extensions];
  return words.some((word) => word.toLowerCase().includes(wanted));
}

function ConnectorList({
  connectors,
  none,
  onConnector,
}: {
  connectors: readonly ConnectorInfo[];
  none?: string;
  onConnector(connector: ConnectorInfo): void;
}) {
  if (connectors.length === 0) return none ? <p className="ss-none">{none}</p> : null;
  return (
    <ul className="ss-connectors">
      {connectors.map((connector) => (
        <li key={connector.type}>
          <Button
            className="ss-connector"
            disabled={connector.error !== null}
            aria-label={messages.connect(connector.title)}
            onClick={() => onConnector(connector)}
          >
            <strong>{connector.title}</strong>
            <span className="k-soft">
              {connector.error !== null
                ? messages.broken(connector.error)
                : connector.extensions.length > 0
                  ? messages.endings(connector.extensions.join(', '))
                  : connector.builtin
                    ? messages.builtin
                    : connector.package}
            </span>
          </Button>
        </li>
      ))}
    </ul>
  );
}

interface AddressProps {
  kind: ConnectorKind;
  label: string;
  help: string;
  example: string;
  button: string;
  empty: string;
  connectors: readonly ConnectorInfo[];
  onAddress(found: ReadAddress): void;
}

/** An address and the button that takes it apart. */
function Address({ kind, label, help, example, button, empty, connectors, onAddress }: AddressProps) {
  const { api } = usePanelHost();
  const [busy, setBusy] = useState(false);
  /** What was wrong, and for what kind of source; of another kind it may be right. */
  const [problem, setProblem] = useState<(Shown & { kind: ConnectorKind }) | null>(null);

  async function take(uri: string, clear: () => void) {
    const fault = uri ? addressFault(uri, kind, connectors) : empty;
    if (fault !== null) return setProblem({ detail: fault, kind });
    setBusy(true);
    setProblem(null);
    try {
      const found = await api.request<ReadAddress>('POST', '/api/connectors/normalize', { uri });
      clear();
      onAddress(found);
    } catch (error) {
      setProblem({ ...problemOf(error), kind });
    } finally {
      setBusy(false);
    }
  }

  return (
    <AddressField
      label={label}
      help={help}
      example={example}
      button={button}
      busy={busy}
      error={problem?.kind === kind ? problem.detail : null}
      onTake={take}
    />
  );
}
