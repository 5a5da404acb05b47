import type { Counts, Run } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Badge, Bar, Count, formatCount } from '@kalla/ui';
import { messages } from './messages.ts';
import type { SetName } from './result-sets.ts';

interface SummaryProps {
  run: Run;
  counts: Counts;
  onShow(set: SetName): void;
}

/** The counts of both sides as bars and as an equation; every number leads to its rows. */
export function Summary({ run, counts, onShow }: SummaryProps) {
  const balanced =
    counts.left === counts.matched_left_rows + counts.unmatched_left &&
    counts.right === counts.matched_right_rows + counts.unmatched_right;
  const { locale } = usePanelHost();
  return (
    <section className="k-card rv-summary" aria-label={messages.summary}>
      <div className="rv-verdict">
        <Badge tone={balanced ? 'good' : 'bad'}>{balanced ? messages.reconciles : messages.doesNotReconcile}</Badge>
        <span className="k-soft" title={messages.matchedRowsHint}>
          {messages.matchedRows(formatCount(counts.matched, locale))}
        </span>
      </div>
      <SideSummary
        side="left"
        alias={run.left.alias}
        file={run.left.filename}
        rows={counts.left}
        matched={counts.matched_left_rows}
        unmatched={counts.unmatched_left}
        onShow={onShow}
      />
      <SideSummary
        side="right"
        alias={run.right.alias}
        file={run.right.filename}
        rows={counts.right}
        matched={counts.matched_right_rows}
        unmatched={counts.unmatched_right}
        onShow={onShow}
      />
    </section>
  );
}

interface SideProps {
  side: 'left' | 'right';
  alias: string;
  file: string | undefined;
  rows: number;
  matched: number;
  unmatched: number;
  onShow(set: SetName): void;
}

function SideSummary({ side, alias, file, rows, matched, unmatched, onShow }: SideProps) {
  const { locale } = usePanelHost();
  return (
    <div className="rv-side">
      <div className="rv-side-name">
        <strong>{alias}</strong> <span className="k-soft">{file ?? messages.side[side]}</span>
      </div>
      <Bar
        label={messages.barLabel(alias, formatCount(matched, locale), formatCount(unmatched, locale))}
        total={rows}
        segments={[
          { id: 'matched', value: matched, tone: 'matched' },
          { id: 'unmatched', value: unmatched, tone: side },
        ]}
      />
      <p className="rv-equation">
        <span>
          <Count value={rows} /> {messages.rows}
        </span>
        <span>{messages.equals}</span>
        <NumberLink value={matched} label={messages.matched} tone="matched" onPress={() => onShow('matched')} />
        <span>{messages.plus}</span>
        <NumberLink
          value={unmatched}
          label={messages.unmatched}
          tone={side}
          onPress={() => onShow(side === 'left' ? 'unmatched_left' : 'unmatched_right')}
        />
      </p>
    </div>
  );
}

interface NumberLinkProps {
  value: number;
  label: string;
  tone: string;
  onPress(): void;
}

function NumberLink({ value, label, tone, onPress }: NumberLinkProps) {
  return (
    <button type="button" className="rv-number-link" onClick={onPress}>
      <span className={`rv-swatch k-tone-${tone}`} aria-hidden="true" />
      <Count value={value} /> <span>{label}</span>
    </button>
  );
}
