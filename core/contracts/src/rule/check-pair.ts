import type { JsonCell } from '../column.ts';
import type { ColumnType } from '../column-type.ts';
import {
  allowsDifference,
  type AmountCondition,
  type Condition,
  type DateCondition,
  type EqualCondition,
} from './rule.ts';
import { plainText } from './plain-text.ts';
import { familyOf } from './rule-side.ts';

/** One cell as the API gives it, and the type of its column. */
export interface PairCell {
  value: JsonCell | undefined;
  type: ColumnType;
}

/** What a condition of a rule says of two rows. */
export type PairVerdict =
  | { holds: true }
  /** Nothing to compare: a cell is empty, or nothing is left of it once what is ignored is taken away. */
  | { holds: false; why: 'empty'; side: 'left' | 'right' }
  | { holds: false; why: 'differ' }
  /** Exact decimal texts without sign; `percent` of the left amount where the rule has that. */
  | { holds: false; why: 'amount'; by: string; allowed: string; percent?: string }
  /** Days from the left date to the right one, and how many the rule allows in that direction. */
  | { holds: false; why: 'days'; days: number; allowed: number };

/**
 * Whether a condition holds for two rows, for people to read: what `compileRule` has the engine ask of all rows, asked of two
 * cells that are at hand. Null where it cannot be told from the cells, as for a float or a day inside a text.
 *
 * @example
 * checkPair(amountWithin5Cents, { value: '10.00', type: 'decimal(12,2)' }, { value: '12.50', type: 'decimal(12,2)' })
 * // { holds: false, why: 'amount', by: '2.50', allowed: '0.05' }
 */
export function checkPair(condition: Condition, left: PairCell, right: PairCell): PairVerdict | null {
  switch (condition.kind) {
    case 'equal':
      return checkEqual(condition, left, right);
    case 'amount':
      return checkAmount(condition, left, right);
    case 'date':
      return checkDate(condition, left, right);
  }
}

const isEmpty = ({ value }: PairCell) => value === null || value === undefined || value === '';

function emptySide(left: PairCell, right: PairCell): PairVerdict | null {
  if (isEmpty(left)) return { holds: false, why: 'empty', side: 'left' };
  return isEmpty(right) ? { holds: false, why: 'empty', side: 'right' } : null;
}

function checkEqual(condition: EqualCondition, left: PairCell, right: PairCell): PairVerdict | null {
  const empty = emptySide(left, right);
  if (empty) return empty;
  const families = { left: familyOf(left.type), right: familyOf(right.type) };
  if (condition.ignore.length === 0 && !condition.extract && families.left === families.right) {
    if (families.left === 'number') {
      const [one, other] = [decimalOf(left.value), decimalOf(right.value)];
      return one && other ? sameOr(minus(one, other).units === 0n) : null;
    }
    if (families.left === 'date' && left.type !== right.type) return sameOr(dayOf(left) === dayOf(right));
    if (families.left !== 'other' || left.type === right.type)
      return sameOr(String(left.value) === String(right.value));
  }
  // The engine writes a moment or a float in its own way.
  if ([left, right].some(({ type }) => familyOf(type) === 'other' || /^(timestamp|float)/.test(type))) return null;
  const terms: Record<'left' | 'right', string> = { left: '', right: '' };
  for (const [side, cell] of [
    ['left', left],
    ['right', right],
  ] as const) {
    const { extract } = condition;
    const term = termOf(String(cell.value), condition, extract?.side === side ? extract.pattern : undefined);
    if (term === null) return null;
    if (term === '') return { holds: false, why: 'empty', side };
    terms[side] = term;
  }
  return sameOr(terms.left === terms.right);
}

const sameOr = (same: boolean): PairVerdict => (same ? { holds: true } : { holds: false, why: 'differ' });

/** As `textTerm` has it; null where the pattern means nothing here. */
function termOf(text: string, { ignore }: EqualCondition, pattern: string | undefined): string | null {
  let rest = text;
  if (pattern !== undefined) {
    try {
      rest = rest.replace(new RegExp(`^[\\s\\S]*?(${pattern})[\\s\\S]*$`, 'u'), '$1');
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }
  return plainText(rest, ignore);
}

function checkAmount(condition: AmountCondition, left: PairCell, right: PairCell): PairVerdict | null {
  const empty = emptySide(left, right);
  if (empty) return empty;
  let [one, other] = [decimalOf(left.value), decimalOf(right.value)];
  if (!one || !other) return null;
  if (condition.sign === 'opposite') other = { ...other, units: -other.units };
  if (condition.sign === 'any') [one, other] = [absolute(one), absolute(other)];
  const off = absolute(minus(other, one));
  const { tolerance } = condition;
  let allowed: Decimal = { units: 0n, scale: 0 };
  if (allowsDifference(tolerance)) {
    const value = decimalOf(tolerance.value);
    if (!value) return null;
    const size = absolute(one);
    allowed =
      tolerance.kind === 'absolute' ? value : { units: size.units * value.units, scale: size.scale + value.scale + 2 };
  }
  if (minus(off, allowed).units <= 0n) return { holds: true };
  return {
    holds: false,
    why: 'amount',
    by: textOf(off),
    allowed: textOf(allowed),
    ...(tolerance.kind === 'percent' && allowsDifference(tolerance) ? { percent: tolerance.value } : {}),
  };
}

function checkDate({ before, after }: DateCondition, left: PairCell, right: PairCell): PairVerdict | null {
  const empty = emptySide(left, right);
  if (empty) return empty;
  const [from, to] = [Date.parse(`${dayOf(left)}T00:00:00Z`), Date.parse(`${dayOf(right)}T00:00:00Z`)];
  if (Number.isNaN(from) || Number.isNaN(to)) return null;
  const days = Math.round((to - from) / 86_400_000);
  if (days >= -before && days <= after) return { holds: true };
  return { holds: false, why: 'days', days, allowed: days < 0 ? before : after };
}

const dayOf = ({ value }: PairCell) => String(value).slice(0, 10);

interface Decimal {
  units: bigint;
  scale: number;
}

function decimalOf(value: JsonCell | undefined): Decimal | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(value));
  if (!match) return null;
  const [, sign, whole = '0', fraction = ''] = match;
  const units = BigInt(whole + fraction);
  return { units: sign ? -units : units, scale: fraction.length };
}

const absolute = ({ units, scale }: Decimal): Decimal => ({ units: units < 0n ? -units : units, scale });

function minus(one: Decimal, other: Decimal): Decimal {
  const scale = Math.max(one.scale, other.scale);
  const at = ({ units, scale: own }: Decimal) => units * 10n ** BigInt(scale - own);
  return { units: at(one) - at(other), scale };
}

function textOf({ units, scale }: Decimal): string {
  const digits = units.toString().padStart(scale + 1, '0');
  if (scale === 0) return digits;
  // Two decimals as money has them; what is behind them only where it is something.
  const fraction = digits.slice(-scale).replace(/0+$/, '').padEnd(Math.min(scale, 2), '0');
  return `${digits.slice(0, -scale)}${fraction ? `.${fraction}` : ''}`;
}
