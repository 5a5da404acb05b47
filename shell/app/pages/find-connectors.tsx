import type { ConnectorPackage } from '@kalla/core';
import { ApiError } from '@kalla/core/panel';
import { Button, ProblemNotice, visibleText } from '@kalla/ui';
import { useEffect, useId, useRef, useState, type FormEvent } from 'react';
import { request } from '../federation/api-client.ts';
import { messages } from '../messages.ts';
import type { ConnectorPackageItem } from './connector-card.tsx';

const text = messages.connectors;

type State =
  | { what: 'idle' }
  | { what: 'asking' }
  | { what: 'found'; packages: ConnectorPackage[] }
  | { what: 'failed'; sentence: string };

export interface FindConnectorsProps {
  /** What is here now, which may have changed since the search. */
  installed: readonly ConnectorPackageItem[];
  busy: boolean;
  onInstall(chosen: { package: string; version: string }): void;
}

/** Searches the registry. Nothing is asked before someone wants to know. */
export function FindConnectors({ installed, busy, onInstall }: FindConnectorsProps) {
  const [q, setQ] = useState('');
  const [state, setState] = useState<State>({ what: 'idle' });
  const going = useRef<AbortController>(null);
  const id = useId();
  useEffect(() => () => going.current?.abort(), []);

  async function search(event: FormEvent) {
    event.preventDefault();
    going.current?.abort();
    const controller = new AbortController();
    going.current = controller;
    setState({ what: 'asking' });
    try {
      const path = `/api/connectors/search?${new URLSearchParams({ q: q.trim() })}`;
      const { packages } = await request<{ packages: ConnectorPackage[] }>('GET', path, undefined, controller.signal);
      setState({ what: 'found', packages });
    } catch (error) {
      if (controller.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      setState({ what: 'failed', sentence: error.detail });
    }
  }
  return (
    <>
      <form role="search" className="connectors-search" onSubmit={(event) => void search(event)}>
        <div className="k-field">
          <label className="k-label" htmlFor={id}>
            {text.findLabel}
          </label>
          <input
            id={id}
            type="search"
            className="k-input"
            value={q}
            maxLength={200}
            aria-describedby={`${id}-hint`}
            onChange={(event) => setQ(event.target.value)}
          />
          <p id={`${id}-hint`} className="k-soft">
            {text.findHint}
          </p>
        </div>
        <Button type="submit" busy={state.what === 'asking'}>
          {text.findStart}
        </Button>
      </form>
      <p role="status" className="k-soft">
        {state.what === 'asking' && text.finding}
        {state.what === 'found' && (state.packages.length > 0 ? text.found(state.packages.length) : text.foundNone)}
      </p>
      {state.what === 'failed' && <ProblemNotice title={text.foundFailed} problem={{ detail: state.sentence }} />}
      {state.what === 'found' && state.packages.length > 0 && (
        <ul className="connectors">
          {state.packages.map((one) => {
            const here = installed.find((item) => item.name === one.package)?.version;
            return (
              <li key={one.package} className="k-card connector">
                <div className="side-head">
                  <h3>
                    <code>{visibleText(one.package)}</code>
                  </h3>
                  <span className="k-soft">{text.version(one.version)}</span>
                </div>
                {one.description !== '' && <p>{visibleText(one.description)}</p>}
                {one.date !== null && <p className="k-soft">{text.published(one.date.slice(0, 10), one.publisher)}</p>}
                {here === one.version ? (
                  <p className="k-soft">{text.isHere}</p>
                ) : (
                  <div className="actions">
                    <Button
                      small
                      busy={busy}
                      aria-label={(here === undefined ? text.installThisNamed : text.upgradeToNamed)(
                        one.package,
                        one.version,
                      )}
                      onClick={() => onInstall({ package: one.package, version: one.version })}
                    >
                      {(here === undefined ? text.installThis : text.upgradeTo)(one.version)}
                    </Button>
                  </div>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </>
  );
}
