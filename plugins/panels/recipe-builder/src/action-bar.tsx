import { Button, formatCount, useLocale } from '@kalla/ui';
import { messages } from './messages.ts';
import { useTheBuilder } from './use-builder.ts';
import type { Save } from './use-save.ts';

const text = messages.save;

/** Undo, redo, save and run, always in reach at the lower edge of the window. */
export function ActionBar({ save }: { save: Save }) {
  const locale = useLocale();
  const { draft, canUndo, canRedo, undo, redo, need, counts } = useTheBuilder();
  if (!draft.sides.left && !draft.sides.right && !canUndo && !canRedo) return null;
  const found = need === null && counts.value ? counts.value.counts : null;
  const state = need
    ? text.needs[need]
    : save.unsaved
      ? text.unsaved
      : save.canRun
        ? text.unchanged
        : `${text.unchanged} ${text.needs.files}`;
  return (
    <div className="rb-bar" role="group" aria-label={text.bar}>
      <div className="rb-bar-buttons">
        {/* They keep the focus when there is nothing more to undo. */}
        <Button small aria-disabled={!canUndo} onClick={undo} aria-label={text.undo} aria-keyshortcuts="Control+Z">
          <span aria-hidden="true">↶</span> <span className="rb-bar-word">{text.undo}</span>
        </Button>
        <Button
          small
          aria-disabled={!canRedo}
          onClick={redo}
          aria-label={text.redo}
          aria-keyshortcuts="Control+Shift+Z"
        >
          <span aria-hidden="true">↷</span> <span className="rb-bar-word">{text.redo}</span>
        </Button>
      </div>
      <span className="rb-bar-state k-soft" id="rb-state">
        {found && (
          <strong className="rb-bar-found">
            {messages.counts.whole(
              formatCount(found.matched_left_rows, locale),
              formatCount(found.left, locale),
              formatCount(found.unmatched_left, locale),
            )}
          </strong>
        )}{' '}
        {state}
      </span>
      <div className="rb-bar-buttons">
        {save.unsaved && (
          <Button
            busy={save.busy === 'save'}
            disabled={need !== null}
            aria-describedby="rb-state"
            onClick={() => save.save()}
          >
            {save.busy === 'save' ? text.saving : text.save}
          </Button>
        )}
        <Button
          tone="primary"
          busy={save.busy === 'run'}
          disabled={need !== null || !save.canRun}
          aria-describedby="rb-state"
          onClick={save.saveAndRun}
        >
          {save.busy === 'run' ? text.starting : save.unsaved ? text.saveRun : text.runNow}
        </Button>
      </div>
    </div>
  );
}
