import type { Progress as RunProgress, Run } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { formatCount, formatShare, Progress } from '@kalla/ui';
import { messages } from './messages.ts';

/** How far a run is: one bar for each source, one for the match. */
export function LiveProgress({ run }: { run: Run }) {
  const { locale } = usePanelHost();
  if (run.status === 'queued') {
    return (
      <section className="k-card" aria-label={messages.progress}>
        <p role="status">{messages.queued}</p>
      </section>
    );
  }
  const matching = run.progress.find((item) => item.stage === 'matching');
  return (
    <section className="k-card rv-progress" aria-label={messages.progress}>
      {[run.left, run.right].map(({ alias }) => {
        const item = run.progress.find((each) => each.stage === 'staging' && each.source === alias);
        const share = run.status === 'matching' ? 1 : item ? (item.progress ?? null) : 0;
        return (
          <Stage
            key={alias}
            label={messages.reading(alias)}
            share={share}
            waiting={!item && run.status !== 'matching'}
            detail={
              item?.stage === 'staging' && item.rows !== undefined
                ? messages.readRows(formatCount(item.rows, locale))
                : ''
            }
          />
        );
      })}
      <Stage
        label={messages.matching}
        share={run.status === 'matching' ? shareOf(matching) : 0}
        waiting={run.status !== 'matching'}
        detail={matchedText(matching, locale)}
      />
    </section>
  );
}

function shareOf(item: RunProgress | undefined): number | null {
  if (item?.stage !== 'matching') return null;
  return item.progress ?? null;
}

function matchedText(item: RunProgress | undefined, locale: string): string {
  return item?.stage === 'matching' && item.matched !== undefined
    ? messages.matchedSoFar(formatCount(item.matched, locale))
    : '';
}

interface StageProps {
  label: string;
  /** 0 to 1; null where the end is not known. */
  share: number | null;
  /** It has not begun. */
  waiting: boolean;
  detail: string;
}

function Stage({ label, share, waiting, detail }: StageProps) {
  const { locale } = usePanelHost();
  const state = waiting
    ? messages.waiting
    : share === 1
      ? messages.done
      : share === null
        ? messages.begun
        : formatShare(share, 1, locale);
  return (
    <div className="rv-stage">
      <span>{label}</span>
      <Progress value={share} label={label} />
      <span className="k-soft k-number">{[state, detail].filter(Boolean).join(' · ')}</span>
    </div>
  );
}
