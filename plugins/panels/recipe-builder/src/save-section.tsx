import { Button, ProblemNotice } from '@kalla/ui';
import { useId } from 'react';
import { messages } from './messages.ts';
import { useTheBuilder } from './use-builder.ts';
import type { Save } from './use-save.ts';

const text = messages.save;

/** Name and description, and what stands in the way of saving. */
export function SaveSection({ save }: { save: Save }) {
  const id = useId();
  const { draft, change } = useTheBuilder();
  if (!draft.sides.left || !draft.sides.right) return null;
  const nameMissing = save.nameAsked && draft.name.trim() === '';
  return (
    <section aria-labelledby="rb-save" className="rb-section">
      <h2 id="rb-save">{text.title}</h2>
      <div className="k-card rb-save">
        <div>
          <label htmlFor="rb-name" className="k-label">
            {text.name}
          </label>
          <input
            id="rb-name"
            className="k-input"
            maxLength={200}
            autoComplete="off"
            required
            aria-invalid={nameMissing || undefined}
            aria-describedby={nameMissing ? `${id}-name` : undefined}
            value={draft.name}
            onChange={(event) => {
              const name = event.target.value;
              change((before) => ({ ...before, name }), 'name');
            }}
          />
          {nameMissing && (
            <span id={`${id}-name`} className="k-field-hint">
              {text.nameMissing}
            </span>
          )}
        </div>
        <div>
          <label htmlFor={`${id}-description`} className="k-label">
            {text.description} ({text.optional})
          </label>
          <textarea
            id={`${id}-description`}
            className="k-input rb-words"
            rows={2}
            maxLength={4000}
            value={draft.description}
            onChange={(event) => {
              const description = event.target.value;
              change((before) => ({ ...before, description }), 'description');
            }}
          />
        </div>
      </div>
      {save.problem && <ProblemNotice title={text.failed} problem={save.problem} />}
      {save.conflict && (
        <div className="k-notice k-notice-warn rb-notice" role="alert">
          <span>{text.conflict(save.conflict.version)}</span>
          <Button small onClick={save.takeTheirs}>
            {text.takeTheirs}
          </Button>
          <Button small onClick={() => save.save(true)}>
            {text.saveAnyway}
          </Button>
        </div>
      )}
    </section>
  );
}
