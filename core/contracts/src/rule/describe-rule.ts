import { allowsDifference, ignorable, type Condition, type Ignorable, type Rule } from './rule.ts';

const IGNORED: Record<Ignorable, string> = {
  case: 'capitals',
  spaces: 'spaces',
  punctuation: 'punctuation',
  letters: 'letters',
  leading_zeros: 'leading zeros',
};

/**
 * A rule in one sentence, for `match_description`: made of the same clicks as the SQL, so that it never disagrees with it.
 *
 * @example 'A row of ledger and a row of bank belong together when "ref" and "memo" are the same (capitals and spaces do not count).'
 */
export function describeRule(rule: Rule, left: { alias: string }, right: { alias: string }): string {
  const conditions = rule.conditions.map((condition) => describeCondition(condition, left.alias, right.alias));
  const pairing =
    rule.pairing === 'every'
      ? ' A row may belong to several rows of the other side.'
      : ' Each row is used at most once; of several possible partners the nearest counts.';
  return `A row of ${left.alias} and a row of ${right.alias} belong together when ${listed(conditions)}.${pairing}`;
}

/** One condition in words, without the names of the sources where they are not needed. */
export function describeCondition(condition: Condition, left: string, right: string): string {
  const columns = `"${condition.left}" of ${left} and "${condition.right}" of ${right}`;
  switch (condition.kind) {
    case 'equal': {
      const ignored = ignorable.filter((kind) => condition.ignore.includes(kind)).map((kind) => IGNORED[kind]);
      const aside = ignored.length > 0 ? ` (${listed(ignored)} do not count)` : '';
      if (!condition.extract) return `${columns} are the same${aside}`;
      const holder =
        condition.extract.side === 'left' ? `"${condition.left}" of ${left}` : `"${condition.right}" of ${right}`;
      const held =
        condition.extract.side === 'left' ? `"${condition.right}" of ${right}` : `"${condition.left}" of ${left}`;
      return `the reference inside ${holder}, such as ${condition.extract.example}, is ${held}${aside}`;
    }
    case 'amount': {
      const { tolerance, sign } = condition;
      const how = { same: '', opposite: ' with opposite signs', any: ', whatever their signs' }[sign];
      if (!allowsDifference(tolerance)) return `the amounts ${columns} are the same${how}`;
      const most = tolerance.kind === 'percent' ? `${tolerance.value} percent of the first` : tolerance.value;
      return `the amounts ${columns}${how} differ by at most ${most}`;
    }
    case 'date': {
      const { before, after } = condition;
      if (before === 0 && after === 0) return `${columns} are the same day`;
      const from = `"${condition.right}" of ${right}`;
      const base = `"${condition.left}" of ${left}`;
      if (before === after) return `${from} is at most ${days(after)} before or after ${base}`;
      if (before === 0) return `${from} is on the day of ${base} or at most ${days(after)} after it`;
      if (after === 0) return `${from} is on the day of ${base} or at most ${days(before)} before it`;
      return `${from} is at most ${days(before)} before and ${days(after)} after ${base}`;
    }
  }
}

const days = (count: number) => (count === 1 ? '1 day' : `${count} days`);

/** `a, b and c`. */
function listed(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
