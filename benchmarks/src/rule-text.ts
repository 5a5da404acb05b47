import { allowsDifference, type Condition, type Rule } from '@kalla/core';

/** A rule in one line for tables: `ref = Belegnr ignoring case; amount = Betrag ± 2.50`. */
export function ruleText({ conditions, pairing }: Rule): string {
  return `${conditions.map(conditionText).join('; ')}${pairing === 'every' ? '; every pair counts' : ''}`;
}

function conditionText(condition: Condition): string {
  const { left, right } = condition;
  switch (condition.kind) {
    case 'equal': {
      const { ignore, extract } = condition;
      const inside = extract ? `, \`${extract.pattern}\` cut out of the ${extract.side} one` : '';
      return `${left} = ${right}${inside}${ignore.length > 0 ? `, ignoring ${ignore.join(', ')}` : ''}`;
    }
    case 'amount': {
      const { sign, tolerance } = condition;
      const room = allowsDifference(tolerance)
        ? ` ± ${tolerance.value}${tolerance.kind === 'percent' ? ' %' : ''}`
        : '';
      return `${left} = ${sign === 'opposite' ? '−' : ''}${right}${room}${sign === 'any' ? ', any sign' : ''}`;
    }
    case 'date':
      return `${right} from ${condition.before} days before to ${condition.after} days after ${left}`;
  }
}
