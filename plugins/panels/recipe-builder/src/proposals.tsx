import { describeRule, type Proposal } from '@kalla/core';
import { Badge, Button, formatCount, NoteList, ProblemNotice, Skeleton, useLocale } from '@kalla/ui';
import { messages } from './messages.ts';
import { sameRule } from './rule-edits.ts';
import { useTheBuilder } from './use-builder.ts';

const text = messages.proposals;

/** How sure a proposal is, in words: nobody knows what 0.83 would mean. */
export function scoreInWords(score: number): { words: string; tone: 'good' | 'busy' | 'neutral' } {
  if (score >= 0.85) return { words: text.score.sure, tone: 'good' };
  if (score >= 0.6) return { words: text.score.likely, tone: 'busy' };
  return { words: score >= 0.35 ? text.score.maybe : text.score.weak, tone: 'neutral' };
}

/** What the data say about how the two sides belong together: the best proposal, why, and the others to choose from. */
export function Proposals() {
  const { draft, suggestions, live, askForProposals, stopAsking } = useTheBuilder();
  const { value, busy, fresh, problem } = suggestions;
  if (busy) {
    return (
      <div className="k-card rb-looking">
        <p>{text.looking}</p>
        <Skeleton lines={3} label={text.looking} />
        <Button small onClick={stopAsking}>
          {text.chooseMyself}
        </Button>
      </div>
    );
  }
  if (problem) return <ProblemNotice title={text.failed} problem={problem} />;
  if (!value || !fresh) {
    return live && draft.rule.conditions.length > 0 ? (
      <p>
        <Button small onClick={askForProposals}>
          {text.ask}
        </Button>
      </p>
    ) : null;
  }
  const inUse = value.proposals.find(({ rule }) => draft.sql === null && sameRule(rule, draft.rule));
  const others = value.proposals.filter((proposal) => proposal !== inUse);
  return (
    <div className="rb-proposals">
      {value.notes.length > 0 && (
        <div className="k-notice">
          <NoteList label={text.notes} notes={value.notes} />
        </div>
      )}
      {value.proposals.length === 0 && (
        <div className="k-notice k-notice-warn" role="status">
          <h3 className="k-notice-title">{text.noneTitle}</h3>
          <p>{text.none}</p>
        </div>
      )}
      {inUse && <InUse proposal={inUse} />}
      {others.length > 0 && (
        <details className="rb-others">
          <summary>{text.others(others.length)}</summary>
          <ul>
            {others.map((proposal, index) => (
              <Other key={index} proposal={proposal} />
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function InUse({ proposal }: { proposal: Proposal }) {
  const { words, tone } = scoreInWords(proposal.score);
  return (
    <div className="rb-in-use">
      <p>
        {text.chosen}: <Badge tone={tone}>{words}</Badge>
      </p>
      <Reasons proposal={proposal} />
    </div>
  );
}

function Reasons({ proposal }: { proposal: Proposal }) {
  if (proposal.reasons.length === 0) return null;
  return (
    <ul className="rb-reasons" aria-label={text.reasons}>
      {proposal.reasons.map((reason, index) => (
        <li key={index}>{reason}</li>
      ))}
    </ul>
  );
}

function Other({ proposal }: { proposal: Proposal }) {
  const locale = useLocale();
  const { draft, useProposal: take } = useTheBuilder();
  const { left, right } = draft.sides;
  if (!left || !right) return null;
  const { words, tone } = scoreInWords(proposal.score);
  const { counts, ambiguous } = proposal;
  const sentence = describeRule(proposal.rule, left, right);
  const number = (count: number) => formatCount(count, locale);
  return (
    <li className="rb-proposal">
      <p>{sentence}</p>
      <p className="rb-facts">
        <Badge tone={tone}>{words}</Badge>
        <span className="k-number">
          {text.counts(number(counts.matched), number(counts.unmatched_left), number(counts.unmatched_right))}
        </span>
        {ambiguous.left + ambiguous.right > 0 && (
          <span className="k-soft">{text.ambiguous(number(ambiguous.left + ambiguous.right))}</span>
        )}
      </p>
      <Reasons proposal={proposal} />
      <Button small aria-label={text.useNamed(sentence)} onClick={() => take(proposal)}>
        {text.use}
      </Button>
    </li>
  );
}
