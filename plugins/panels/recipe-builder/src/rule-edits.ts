import { decimalOf, familyOf, type ColumnType, type Condition, type Rule } from '@kalla/core';

export type ConditionKind = Condition['kind'];
interface Column {
  name: string;
  type: ColumnType;
}

/** The ways in which two columns can be compared, the likeliest first. */
export function kindsFor(left: ColumnType, right: ColumnType): [ConditionKind, ...ConditionKind[]] {
  const families = [familyOf(left), familyOf(right)];
  if (families.every((family) => family === 'date')) return ['date', 'equal'];
  if (families.every((family) => family === 'number')) {
    const fraction = [left, right].some((type) => (decimalOf(type)?.scale ?? 0) > 0 || type.startsWith('float'));
    return fraction ? ['amount', 'equal'] : ['equal', 'amount'];
  }
  return ['equal'];
}

/** A condition over two columns in the likeliest way, or in the one that is asked for. */
export function newCondition(
  left: Column,
  right: Column,
  kind: ConditionKind = kindsFor(left.type, right.type)[0],
): Condition {
  const columns = { left: left.name, right: right.name };
  switch (kind) {
    case 'amount':
      return { kind, ...columns, sign: 'same', tolerance: { kind: 'none' } };
    case 'date':
      return { kind, ...columns, before: 0, after: 0 };
    case 'equal':
      return { kind, ...columns, ignore: [] };
  }
}

/** The same condition over other columns, in the same way where they can be compared so. */
export function withColumns(condition: Condition, left: Column, right: Column): Condition {
  if (!kindsFor(left.type, right.type).includes(condition.kind)) return newCondition(left, right);
  return { ...condition, left: left.name, right: right.name };
}

export function addCondition(rule: Rule, condition: Condition): Rule {
  return { ...rule, conditions: [...rule.conditions, condition] };
}
export function removeCondition(rule: Rule, index: number): Rule {
  return { ...rule, conditions: rule.conditions.filter((_, at) => at !== index) };
}
export function replaceCondition(rule: Rule, index: number, condition: Condition): Rule {
  return { ...rule, conditions: rule.conditions.map((before, at) => (at === index ? condition : before)) };
}

/** The rule with its sides exchanged. A percentage stays one of the left amount, which is then another. */
export function mirrorRule(rule: Rule): Rule {
  return { ...rule, conditions: rule.conditions.map(mirror) };
}

function mirror(condition: Condition): Condition {
  const columns = { left: condition.right, right: condition.left };
  switch (condition.kind) {
    case 'amount':
      return { ...condition, ...columns };
    case 'date':
      return { ...condition, ...columns, before: condition.after, after: condition.before };
    case 'equal': {
      const { extract } = condition;
      if (!extract) return { ...condition, ...columns };
      return { ...condition, ...columns, extract: { ...extract, side: extract.side === 'left' ? 'right' : 'left' } };
    }
  }
}

/** True where both rules mean the same, whatever the order of what is ignored. */
export function sameRule(a: Rule, b: Rule): boolean {
  const plain = (rule: Rule) =>
    JSON.stringify([
      rule.pairing,
      rule.conditions.map((condition) => {
        switch (condition.kind) {
          case 'equal':
            return ['equal', condition.left, condition.right, [...condition.ignore].sort(), condition.extract ?? null];
          case 'amount':
            return ['amount', condition.left, condition.right, condition.sign, condition.tolerance];
          case 'date':
            return ['date', condition.left, condition.right, condition.before, condition.after];
        }
      }),
    ]);
  return plain(a) === plain(b);
}
