import { Button } from '@kalla/ui';
import { messages } from './messages.ts';
import { useTheBuilder } from './use-builder.ts';
import { isUnsaved } from './use-save.ts';

const text = messages.draft;

/** Says that work from last time is on the page, or lies ready. */
export function DraftNotice() {
  const builder = useTheBuilder();
  const { kept, keptIsStale, base } = builder;
  if (!kept) return null;
  if (keptIsStale && base && kept.version !== null) {
    return (
      <div className="k-notice rb-notice" role="status">
        <span>{text.stale(kept.version)}</span>
        <Button small onClick={builder.openKept}>
          {text.open}
        </Button>
        <Button small onClick={() => builder.restart(base)}>
          {text.discardChanges}
        </Button>
      </div>
    );
  }
  // What was kept may be what is saved, its files at hand; then all that is unsaved was changed just now.
  if (!isUnsaved(builder) || !isUnsaved({ ...builder, draft: kept.draft })) return null;
  return (
    <div className="k-notice rb-notice" role="status">
      <span>{text.restored}</span>
      <Button small onClick={() => builder.restart(base ?? builder.props.copyOf ?? null)}>
        {base ? text.discardChanges : text.discard}
      </Button>
    </div>
  );
}
