import { Button, ProblemNotice } from '@kalla/ui';
import type { Shown } from './faults.ts';
import { messages } from './messages.ts';

export interface SaveStepProps {
  /** Null for a source that exists: its name stays. */
  alias: string | null;
  aliasError: string | null;
  /** What is in the way, as a sentence; null where it can be saved. */
  obstacle: string | null;
  /** What the reader should know before saving, though it can be saved. */
  caution: string | null;
  busy: boolean;
  problem: Shown | null;
  onAlias(alias: string): void;
  onSave(): void;
  onCancel(): void;
}

export const aliasId = 'ss-alias';

/** The name, and the button that saves. */
export function SaveStep(props: SaveStepProps) {
  const { alias, aliasError, obstacle, caution, busy, problem, onAlias, onSave, onCancel } = props;
  return (
    <section className="k-card ss-save" aria-labelledby={alias === null ? undefined : 'ss-save-title'}>
      {alias !== null && <h2 id="ss-save-title">{messages.saveTitle}</h2>}
      <form
        autoComplete="off"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) onSave();
        }}
      >
        {alias !== null && (
          <div className="k-field">
            <label htmlFor={aliasId} className="k-label">
              {messages.aliasLabel}
            </label>
            <input
              id={aliasId}
              className="k-input"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              aria-required="true"
              aria-invalid={aliasError ? true : undefined}
              aria-describedby={aliasError ? `${aliasId}-help ${aliasId}-error` : `${aliasId}-help`}
              value={alias}
              onChange={(event) => onAlias(event.target.value)}
            />
            <p id={`${aliasId}-help`} className="k-help">
              {messages.aliasHelp}
            </p>
            {aliasError && (
              <p id={`${aliasId}-error`} className="k-field-error">
                {aliasError}
              </p>
            )}
          </div>
        )}
        {problem && <ProblemNotice title={messages.saveFailed} problem={{ detail: problem.detail }} />}
        {(obstacle ?? caution) && (
          <p className="k-soft" role="status">
            {obstacle ?? caution}
          </p>
        )}
        <div className="ss-actions">
          <Button type="submit" tone="primary" busy={busy}>
            {busy ? messages.saving : alias === null ? messages.saveChanges : messages.save}
          </Button>
          <Button onClick={onCancel}>{messages.cancel}</Button>
        </div>
      </form>
    </section>
  );
}
