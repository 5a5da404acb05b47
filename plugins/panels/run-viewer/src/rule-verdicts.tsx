import type { Condition, PairVerdict } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { formatDecimal, visibleText } from '@kalla/ui';
import type { OneRow } from './candidate-card.tsx';
import { messages } from './messages.ts';
import type { RuleInUse } from './use-rule.ts';

const text = messages.verdict;

export interface RuleVerdictsProps {
  of: RuleInUse;
  /** The two rows by side of the rule. */
  left: OneRow;
  right: OneRow;
}

/** Which conditions of the rule hold for two rows and which do not, by how much, and what the rule allows. */
export function RuleVerdicts({ of, left, right }: RuleVerdictsProps) {
  const { locale } = usePanelHost();
  const verdicts = verdictsOf(of, left, right);
  const known = verdicts.every(({ verdict }) => verdict !== null);
  const failed = verdicts.filter(({ verdict }) => verdict?.holds === false);
  return (
    <div className="rv-verdicts">
      <p>
        {failed.length > 0 && text.failed(failed.length, verdicts.length)}
        {failed.length === 0 && known && (of.rule.pairing === 'once' ? text.allHoldOnce : text.allHold)}
        {failed.length === 0 && !known && text.unknown}
      </p>
      <ul>
        {verdicts.map(({ condition, verdict }, index) => (
          <li key={index} className={verdict?.holds === false ? 'rv-verdict-bad' : 'rv-verdict-good'}>
            <span aria-hidden="true">{verdict === null ? '?' : verdict.holds ? '✓' : '✗'}</span>
            <span>{verdictText(condition, verdict, left.alias, right.alias, locale)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What each condition says of the two rows; null where the cells do not tell. */
export function verdictsOf(
  { rule, check }: RuleInUse,
  left: OneRow,
  right: OneRow,
): { condition: Condition; verdict: PairVerdict | null }[] {
  const cell = (row: OneRow, name: string) => {
    const column = row.columns.find((each) => each.name === name);
    return column && { value: row.values[column.name], type: column.type };
  };
  return rule.conditions.map((condition) => {
    const [one, other] = [cell(left, condition.left), cell(right, condition.right)];
    return { condition, verdict: one && other ? check(condition, one, other) : null };
  });
}

/** One condition in a few words: `“amount” and “paid” differ by 2.50; the rule allows 0.05`. */
export function verdictText(
  condition: Condition,
  verdict: PairVerdict | null,
  left: string,
  right: string,
  locale: string,
): string {
  const [one, other] = [visibleText(condition.left), visibleText(condition.right)];
  if (verdict === null) return text.cannotTell(one, other);
  if (verdict.holds) return text.holds[condition.kind](one, other, isExact(condition));
  switch (verdict.why) {
    case 'empty':
      return verdict.side === 'left' ? text.empty(one, left) : text.empty(other, right);
    case 'differ':
      return text.differ(one, other);
    case 'amount': {
      const by = formatDecimal(verdict.by, locale);
      const allowed = formatDecimal(verdict.allowed, locale);
      if (verdict.percent !== undefined) return text.amountPercent(one, other, by, verdict.percent, allowed);
      return isExact(condition) ? text.amountExact(one, other, by) : text.amount(one, other, by, allowed);
    }
    case 'days':
      return isExact(condition)
        ? text.dayExact(one, other, Math.abs(verdict.days), verdict.days > 0)
        : text.days(one, other, Math.abs(verdict.days), verdict.days > 0, verdict.allowed);
  }
}

/** True where the rule leaves no room. */
function isExact(condition: Condition): boolean {
  if (condition.kind === 'amount')
    return condition.tolerance.kind === 'none' || /^[0.]*$/.test(condition.tolerance.value);
  return condition.kind === 'equal' || (condition.before === 0 && condition.after === 0);
}
