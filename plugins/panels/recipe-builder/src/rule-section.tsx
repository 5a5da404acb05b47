import { Button, ProblemNotice, Skeleton } from '@kalla/ui';
import { useId } from 'react';
import { AddCondition } from './add-condition.tsx';
import { sentenceOf } from './build-recipe.ts';
import { ConditionCard } from './condition-card.tsx';
import { emptyRule } from './draft.ts';
import { LiveCounts } from './live-counts.tsx';
import { messages } from './messages.ts';
import { Proposals } from './proposals.tsx';
import { useTheBuilder } from './use-builder.ts';

const text = messages.rule;

/** What belongs together: the sentence over all, the numbers, the proposals, the conditions. */
export function RuleSection() {
  const id = useId();
  const { draft, change, compiled, columns, data, need, base, props } = useTheBuilder();
  const { left, right } = draft.sides;
  if (!left || !right) return null;
  const sentence = sentenceOf(draft);
  const { conditions, pairing } = draft.rule;
  const byHand = draft.sql !== null;
  const looking = need === 'looking' || (need === 'reading' && conditions.length === 0);
  const bothKnown = columns.left !== null && columns.right !== null;
  // Until the columns of both sides are known nobody can tell whether the clicks make the SQL; without any file at hand that
  // stays so, and nobody has changed SQL that is as it was stored.
  const asStored = draft.sql === (base ?? props.copyOf)?.match_sql;
  const undecided = byHand && conditions.length > 0 && (data.left.busy || data.right.busy || (!bothKnown && asStored));

  return (
    <section aria-labelledby="rb-rule" className="rb-section">
      <h2 id="rb-rule">{text.title}</h2>
      {!looking && (
        <div className="k-card rb-result">
          <p className="rb-sentence">{sentence || (byHand ? messages.byHand : text.none)}</p>
          <LiveCounts />
        </div>
      )}
      {need === 'reading' && looking && <Skeleton lines={3} />}
      {byHand && !undecided && (
        <div className="k-notice k-notice-warn rb-notice" role="status">
          <span>
            {conditions.length === 0
              ? text.clicksNone
              : compiled.problem
                ? text.clicksStuck(compiled.problem.detail)
                : text.clicksOff}
          </span>
          <Button
            small
            onClick={() =>
              change((before) => ({ ...before, sql: null, rule: conditions.length > 0 ? before.rule : emptyRule }))
            }
          >
            {conditions.length > 0 ? text.backToClicks : text.toClicks}
          </Button>
        </div>
      )}
      <Proposals />
      {!byHand && compiled.problem && <ProblemNotice problem={compiled.problem} title={messages.save.needs.problem} />}
      {!byHand && bothKnown && !looking && (
        <>
          <ol className="rb-conditions">
            {conditions.map((condition, index) => (
              <ConditionCard key={index} condition={condition} index={index} />
            ))}
          </ol>
          <AddCondition />
          {conditions.length > 0 && (
            <fieldset className="rb-pairing">
              <legend>{text.pairing}</legend>
              {(['once', 'every'] as const).map((option) => (
                <label key={option} className="rb-choice">
                  <input
                    type="radio"
                    name={`${id}-pairing`}
                    checked={pairing === option}
                    onChange={() => change((before) => ({ ...before, rule: { ...before.rule, pairing: option } }))}
                  />
                  <span>{text.pairings[option]}</span>
                </label>
              ))}
            </fieldset>
          )}
        </>
      )}
    </section>
  );
}
