import type { ColumnInfo, KeyProof } from '@kalla/core';
import { Badge, Button, ComboBox, ProblemNotice, Skeleton, typeInWords, visibleText } from '@kalla/ui';
import { KeyEvidence } from './key-evidence.tsx';
import { messages } from './messages.ts';
import type { Call } from './use-call.ts';

export interface KeyStepProps {
  columns: readonly ColumnInfo[];
  chosen: readonly string[];
  proof: Call<KeyProof>;
  onChange(columns: string[]): void;
  onPropose(): void;
  onStop(): void;
}

/** The primary key: proposed from the data with its proof, or chosen, and then counted on all rows. */
export function KeyStep({ columns, chosen, proof, onChange, onPropose, onStop }: KeyStepProps) {
  const looking = proof.state === 'busy' && chosen.length === 0;
  const options = columns
    .filter(({ name }) => !chosen.includes(name))
    .map(({ name, type }) => ({ id: name, label: visibleText(name), detail: typeInWords(type) }));
  return (
    <section className="k-card ss-key" aria-labelledby="ss-key-title">
      <h2 id="ss-key-title">{messages.keyTitle}</h2>
      <p className="k-soft">{messages.keyText}</p>
      <div className="ss-key-choice">
        <ul className="ss-chips" aria-label={messages.keyColumns}>
          {chosen.map((name) => (
            <li key={name} className="ss-chip">
              <bdi title={name}>{visibleText(name)}</bdi>
              <button
                type="button"
                className="k-icon-button"
                aria-label={messages.removeColumn(visibleText(name))}
                onClick={() => onChange(chosen.filter((one) => one !== name))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
        {options.length > 0 && (
          <ComboBox
            label={messages.addColumn}
            options={options}
            value={null}
            placeholder={messages.addColumnHint}
            onChange={(name) => onChange([...chosen, name])}
          />
        )}
      </div>
      <div className="ss-proof" aria-live="polite">
        {proof.state === 'busy' && (
          <>
            <Skeleton lines={2} label={looking ? messages.lookingForKey : messages.countingKey} />
            <p>
              {looking ? messages.lookingForKey : messages.countingKey}{' '}
              <Button small onClick={onStop}>
                {messages.stopCounting}
              </Button>
            </p>
          </>
        )}
        {proof.state === 'failed' && (
          <ProblemNotice title={messages.keyFailed} problem={{ detail: proof.problem.detail }}>
            <Button small onClick={onPropose}>
              {messages.proposeAgain}
            </Button>
          </ProblemNotice>
        )}
        {proof.state === 'done' && proof.value.columns.length > 0 && <KeyEvidence proof={proof.value} />}
        {proof.state === 'done' && proof.value.columns.length === 0 && <p>{messages.noKeyFound}</p>}
        {proof.state === 'idle' && (
          <p>
            {chosen.length > 0 ? <Badge>{messages.noProof}</Badge> : messages.noKey}{' '}
            <Button small onClick={onPropose}>
              {messages.proposeAgain}
            </Button>
          </p>
        )}
      </div>
    </section>
  );
}
