import { Bar, classNames, formatCount, ProblemNotice, useLocale } from '@kalla/ui';
import { sideNames } from './draft.ts';
import { messages } from './messages.ts';
import { useTheBuilder } from './use-builder.ts';

const text = messages.counts;

/** How many rows find a partner, counted anew with each change. The numbers stay while the next ones are on their way. */
export function LiveCounts() {
  const locale = useLocale();
  const { draft, counts, need } = useTheBuilder();
  const { value, busy, fresh, problem } = counts;
  const number = (count: number) => formatCount(count, locale);
  if (problem) return <ProblemNotice title={text.failed} problem={problem} />;
  if (!value) return <p className="k-soft">{busy ? text.counting : need ? messages.save.needs[need] : text.notYet}</p>;
  const { ambiguous } = value;
  const sides = sideNames.flatMap((side) => {
    const chosen = draft.sides[side];
    if (!chosen) return [];
    const all = value.counts[side];
    const matched = value.counts[`matched_${side}_rows`];
    const unmatched = value.counts[`unmatched_${side}`];
    return [{ side, alias: chosen.alias, all, matched, unmatched }];
  });
  return (
    <div className={classNames('rb-counts', !fresh && 'rb-counts-stale')}>
      {sides.map(({ side, alias, all, matched, unmatched }) => (
        <div key={side} className="rb-count">
          <p className="rb-count-line">
            <strong className="rb-count-alias">{alias}</strong>{' '}
            <span className="k-number rb-count-text">
              {text.whole(number(matched), number(all), number(unmatched))}
            </span>
          </p>
          <Bar
            label={text.bar(alias, number(matched), number(unmatched))}
            total={all}
            segments={[
              { id: 'matched', value: matched, tone: 'matched' },
              { id: 'unmatched', value: unmatched, tone: side },
            ]}
          />
        </div>
      ))}
      {ambiguous &&
        sides.map(({ side, alias }) =>
          ambiguous[side] > 0 ? (
            <p key={side} className="k-soft">
              {text.ambiguous(alias, number(ambiguous[side]))}
            </p>
          ) : null,
        )}
      {value.sampled && <p className="k-soft">{text.sampled}</p>}
      <p className="k-visually-hidden" role="status" aria-label={text.label}>
        {fresh &&
          sides
            .map(({ alias, all, matched, unmatched }) =>
              text.side(alias, number(matched), number(all), number(unmatched)),
            )
            .join('. ')}
      </p>
    </div>
  );
}
