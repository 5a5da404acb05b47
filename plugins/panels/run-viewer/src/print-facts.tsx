import type { Run } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { DateTime, formatCount } from '@kalla/ui';
import { messages } from './messages.ts';

/** What a printed page must say and the screen shows elsewhere: which run, from what, by which rule. Only on paper. */
export function PrintFacts({ run }: { run: Run }) {
  const { locale } = usePanelHost();
  const counts = run.counts;
  return (
    <section className="rv-print" aria-label={messages.printFacts}>
      <p>
        {messages.runOf} <DateTime iso={run.created_at} /> · {messages.runId} {run.run_id}
      </p>
      <p>
        {messages.sources}:{' '}
        {(['left', 'right'] as const)
          .map((side) => {
            const { alias, filename, uri } = run[side];
            const rows = counts ? `, ${formatCount(counts[side], locale)} ${messages.rows}` : '';
            return `${alias} (${filename ?? uri ?? messages.side[side]}${rows})`;
          })
          .join(' · ')}
      </p>
      <p>
        {messages.theRule}: {run.match_description}
      </p>
    </section>
  );
}
