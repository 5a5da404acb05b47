import { keyOutputNames } from '@kalla/core';
import { ColumnScope, same, type RuleSide } from './column-scope.ts';
import { ctesOf, isNode, type SqlNode } from './parse-tree.ts';
import type { RuleIssue } from './sandbox.ts';

/** For each key column of a side, in order, the index of the rule's output column that holds it. */
export interface RuleKeys {
  left: number[];
  right: number[];
  /** True where the SELECT list shows that every key is the source's own column, so that each of its values exists there. */
  proven: { left: boolean; right: boolean };
}

/**
 * Finds the key columns of both sides in the output of a rule.
 *
 * A key stands under its own name or as `left_<name>` / `right_<name>`; the prefix is required where both sides have a
 * key of that name, and preferred where the other side has any column of that name. Where the SELECT list shows
 * that a column comes from the other side, it does not count.
 */
export function findRuleKeys(
  output: readonly string[],
  sides: readonly [RuleSide, RuleSide],
  keys: readonly [readonly string[], readonly string[]],
  root: SqlNode,
): { keys: RuleKeys; issues: RuleIssue[] } {
  const lineage = lineageOf(root, sides, output.length);
  const issues: RuleIssue[] = [];
  const unproven = new Set<number>();
  const find = (index: 0 | 1): number[] => {
    const side = index === 0 ? 'left' : 'right';
    const other = index === 0 ? 1 : 0;
    return keys[index].map((name) => {
      const shared = keys[other].some((key) => same(key, name));
      const ambiguous = shared || sides[other].columns.some((column) => same(column.name, name));
      const names = keyOutputNames(side, name, shared);
      if (ambiguous) names.reverse();
      const candidates = names.flatMap((wanted) => output.flatMap((column, at) => (same(column, wanted) ? [at] : [])));
      const proven = candidates.find((at) => lineage[at]?.side === index && same(lineage[at].column.name, name));
      const possible = candidates.filter((at) => lineage[at] === undefined || lineage[at].side === index);
      const found = proven ?? possible[0];
      if (proven === undefined) unproven.add(index);
      if (found === undefined) {
        issues.push({
          message: `The rule's result lacks the key column "${name}" of "${sides[index].alias}".`,
          hint: `Add ${sides[index].alias}.${name}${ambiguous ? ` AS ${side}_${name}` : ''} to the SELECT list.`,
          field: name,
        });
        return -1;
      }
      if (proven === undefined && possible.filter((at) => same(output[at]!, output[found]!)).length > 1) {
        issues.push({
          message: `The rule's result has more than one column named "${output[found]}", so the key of "${sides[index].alias}" is not clear.`,
          hint: `Name it ${side}_${name}.`,
          field: name,
        });
      }
      return found;
    });
  };
  const [left, right] = [find(0), find(1)];
  return { keys: { left, right, proven: { left: !unproven.has(0), right: !unproven.has(1) } }, issues };
}

/** The source column that each output column is, where the top SELECT names it directly; undefined where it does not. */
function lineageOf(root: SqlNode, sides: readonly RuleSide[], width: number) {
  const list = (root['select_list'] as SqlNode[] | undefined) ?? [];
  const plain = root.type === 'SELECT_NODE' && list.length === width && list.every((item) => item.class !== 'STAR');
  if (!plain) return Array.from({ length: width }, () => undefined);
  const hidden = new Set(ctesOf(root).map(({ name }) => name.toLowerCase()));
  const scope = new ColumnScope(sides, isNode(root['from_table']) ? root['from_table'] : undefined, hidden);
  return list.map((item) => scope.origin(item));
}
