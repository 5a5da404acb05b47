import { ignorable, type Condition, type Counts, type Ambiguous, type Ignorable } from '@kalla/core';

/** What suggestions say to people. */

export const number = (count: number) => count.toLocaleString('en-US');
/** `97 %`; never 100 % where it is not all, and never 0 % where it is some. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  if (rounded === 100 && share < 1) return 'more than 99 %';
  if (rounded === 0 && share > 0) return 'less than 1 %';
  return `${rounded} %`;
}
const of = (part: number, whole: number, alias: string) =>
  part === 1 && whole === 1
    ? `the only row of ${alias}`
    : part === whole
      ? `all ${number(whole)} rows of ${alias}`
      : `${number(part)} of ${number(whole)} rows of ${alias}`;
const days = (count: number) => (count === 1 ? '1 day' : `${number(count)} days`);

export function matchedReason(counts: Counts, left: string, right: string): string {
  const text = `${of(counts.matched_left_rows, counts.left, left)} and ${of(counts.matched_right_rows, counts.right, right)} find a partner.`;
  return text[0]!.toUpperCase() + text.slice(1);
}

export function ambiguousReason(
  { left, right }: Ambiguous,
  aliases: { left: string; right: string },
  every: boolean,
): string {
  if (left + right === 0) return 'No row has more than one possible partner.';
  const parts = [
    ...(left > 0 ? [`${number(left)} of ${aliases.left}`] : []),
    ...(right > 0 ? [`${number(right)} of ${aliases.right}`] : []),
  ].join(' and ');
  const one = left + right === 1;
  return `${parts} ${one ? 'has' : 'have'} more than one possible partner${every ? '; all of them count' : '; the nearest is taken'}.`;
}

const IGNORED: Record<Ignorable, string> = {
  case: 'capitals',
  spaces: 'spaces',
  punctuation: 'punctuation',
  letters: 'letters',
  leading_zeros: 'leading zeros',
};

/** What a condition rests on: the columns by their own names. */
export function conditionReason(condition: Condition, share: number | undefined, chance: number | undefined): string {
  const pair = `"${condition.left}" and "${condition.right}"`;
  const often =
    share === undefined
      ? ''
      : ` in ${percent(share)} of the pairs${chance === undefined ? '' : ` (${percent(chance)} by chance)`}`;
  switch (condition.kind) {
    case 'equal': {
      const list = ignorable.filter((kind) => condition.ignore.includes(kind)).map((kind) => IGNORED[kind]);
      const aside = list.length > 0 ? `, apart from ${list.join(', ')}` : '';
      if (condition.extract) {
        const holder = condition.extract.side === 'left' ? condition.left : condition.right;
        const other = condition.extract.side === 'left' ? condition.right : condition.left;
        return `The text "${holder}" holds the values of "${other}", such as ${condition.extract.example}${aside}.`;
      }
      return `${pair} hold the same values${aside}${often}.`;
    }
    case 'amount': {
      const sign = { same: '', opposite: ' with opposite signs', any: ', signs aside' }[condition.sign];
      const { tolerance } = condition;
      if (tolerance.kind === 'none') return `The amounts ${pair} are equal${sign}${often}.`;
      const most = tolerance.kind === 'percent' ? `${tolerance.value} %` : tolerance.value;
      return `The amounts ${pair} differ by at most ${most}${sign}${often}.`;
    }
    case 'date': {
      const { before, after } = condition;
      if (before === 0 && after === 0) return `${pair} are the same day${often}.`;
      const span =
        before === 0
          ? `${after === 1 ? 'up to 1 day' : `up to ${days(after)}`} after`
          : after === 0
            ? `up to ${days(before)} before`
            : `from ${days(before)} before to ${days(after)} after`;
      return `"${condition.right}" is ${span} "${condition.left}"${often}.`;
    }
  }
}

export const NOTES = {
  sameFile: (left: string, right: string) =>
    `"${left}" and "${right}" are the same file: every row has itself as partner. Was another file meant for one of the sides?`,
  nothing: (left: string, right: string) =>
    `"${left}" and "${right}" seem to have nothing in common: no columns hold the same values, and no amounts and dates go together. Choose the columns that belong together yourself, or look whether these are the right files.`,
  empty: (alias: string) => `"${alias}" has no rows, so there is nothing to find a rule by.`,
  cut: (alias: string, rows: number) =>
    `"${alias}" has very many rows; only the first ${number(rows)} were looked at and counted.`,
  currencies: (alias: string, column: string, list: string) =>
    `"${column}" of ${alias} holds several currencies (${list}). Amounts are compared within the same currency only.`,
  currenciesAlone: (alias: string, column: string, list: string) =>
    `"${column}" of ${alias} holds several currencies (${list}), and the other side has no column for it: equal amounts may be of different currencies.`,
  allNull: (alias: string, columns: string) =>
    `${columns} of ${alias} ${columns.includes(',') ? 'are' : 'is'} empty in every row.`,
  fromFile: (alias: string, message: string) => `${alias}: ${message}`,
};

export const byChanceReason = (share: number) => `About ${percent(share)} of these matches could be chance.`;

export const recipeName = (left: string, right: string, columns: string) => `${left} and ${right} by ${columns}`;
export const recipeDescription = (left: string, right: string) =>
  `Proposed from the data of ${left} and ${right}. Change it as you like.`;
