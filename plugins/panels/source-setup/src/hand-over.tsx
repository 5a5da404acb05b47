import type { ConnectorInfo, Source } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Button, copyText, ProblemNotice } from '@kalla/ui';
import { useState } from 'react';
import { isAlias } from './alias.ts';
import { messages } from './messages.ts';
import { moment } from './moment.ts';
import { useHandOver } from './use-hand-over.ts';

const nameId = 'ss-hand-name';
const linkId = 'ss-hand-link';

/** Lets somebody else fill in the connection: a link that works once, and what became of it. */
export function HandOver({ connector, source }: { connector: ConnectorInfo; source: Source | undefined }) {
  const { locale, navigate, notify } = usePanelHost();
  const hand = useHandOver(source, connector.type);
  const [name, setName] = useState<string | null>(null);
  const [nameError, setNameError] = useState<string | null>(null);
  const when = (iso: string | null | undefined) => (iso ? moment(iso, locale) : '');
  const state = hand.status?.state ?? 'none';

  function begin() {
    if (hand.alias !== null) void hand.make(hand.alias);
    else {
      setName('');
      setTimeout(() => document.getElementById(nameId)?.focus());
    }
  }
  function makeNamed() {
    const wanted = (name ?? '').trim();
    if (isAlias(wanted)) {
      setNameError(null);
      setName(null);
      void hand.make(wanted);
    } else {
      setNameError(messages.aliasWrong);
      document.getElementById(nameId)?.focus();
    }
  }
  async function copy(url: string) {
    if (await copyText(url)) notify('success', messages.handCopied);
    else {
      notify('error', messages.handNotCopied);
      document.getElementById(linkId)?.focus();
    }
  }
  return (
    <section className="k-card ss-hand" aria-labelledby="ss-hand-title">
      <h2 id="ss-hand-title">{messages.handTitle}</h2>
      <p className="k-soft">{messages.handText}</p>
      <div role="status">
        {state === 'pending' && !hand.link && <p>{messages.handPending(when(hand.status?.expires_at))}</p>}
        {state === 'done' && <p>{messages.handDone(when(hand.status?.done_at))}</p>}
        {state === 'expired' && <p>{messages.handExpired(when(hand.status?.expires_at))}</p>}
        {state === 'revoked' && <p>{messages.handTakenBack}</p>}
      </div>
      {hand.link && (
        <div className="k-field">
          <label htmlFor={linkId} className="k-label">
            {messages.handLink}
          </label>
          <input
            id={linkId}
            className="k-input"
            readOnly
            value={hand.link.url}
            aria-describedby={`${linkId}-help`}
            onFocus={(event) => event.target.select()}
          />
          <p id={`${linkId}-help`} className="k-help">
            {messages.handOnce(when(hand.link.expires_at))}
            {isLocal(hand.link.url) && ` ${messages.handLocal}`}
          </p>
        </div>
      )}
      {name !== null && (
        <form
          noValidate
          autoComplete="off"
          onSubmit={(event) => {
            event.preventDefault();
            makeNamed();
          }}
        >
          <div className="k-field">
            <label htmlFor={nameId} className="k-label">
              {messages.handName}
            </label>
            <input
              id={nameId}
              className="k-input"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              aria-required="true"
              aria-invalid={nameError ? true : undefined}
              aria-describedby={nameError ? `${nameId}-help ${nameId}-error` : `${nameId}-help`}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
            <p id={`${nameId}-help`} className="k-help">
              {messages.aliasHelp}
            </p>
            {nameError && (
              <p id={`${nameId}-error`} className="k-field-error">
                {nameError}
              </p>
            )}
          </div>
          <div className="ss-actions">
            <Button type="submit" busy={hand.busy}>
              {hand.busy ? messages.handMaking : messages.handMake}
            </Button>
          </div>
        </form>
      )}
      {hand.problem && <ProblemNotice title={messages.handFailed} problem={{ detail: hand.problem.detail }} />}
      <div className="ss-actions">
        {hand.link && <Button onClick={() => void copy(hand.link?.url ?? '')}>{messages.handCopy}</Button>}
        {name === null && !hand.link && (
          <Button busy={hand.busy} onClick={begin}>
            {hand.busy ? messages.handMaking : state === 'none' ? messages.handButton : messages.handAgain}
          </Button>
        )}
        {state === 'pending' && <Button onClick={() => void hand.takeBack()}>{messages.handTakeBack}</Button>}
        {hand.justDone && hand.alias !== null && (
          <Button tone="primary" onClick={() => navigate(`/sources/${hand.alias}/edit`)}>
            {source ? messages.handReload : messages.handOpen}
          </Button>
        )}
      </div>
      {state === 'pending' && !hand.link && <p className="k-soft">{messages.handAgainHelp}</p>}
    </section>
  );
}

function isLocal(url: string): boolean {
  return /^(localhost$|127\.|\[::1\]$)|\.localhost$/.test(new URL(url).hostname);
}
