import { describeCondition, type Condition, type Recipe } from '@kalla/core';
import { lineDiff, type DiffLine } from './line-diff.ts';
import { messages } from './messages.ts';

const text = messages.history;

export interface VersionChanges {
  /** What changed, in sentences. */
  sentences: string[];
  /** The SQL line by line, where it changed and the clicks do not say how. */
  sql: DiffLine[] | null;
}

/** What changed from one version of a recipe to the next. */
export function versionChanges(before: Recipe, after: Recipe): VersionChanges {
  const sentences: string[] = [];
  if (before.name !== after.name) sentences.push(text.renamed(before.name, after.name));
  if (before.description !== after.description) sentences.push(text.described);
  for (const side of ['left', 'right'] as const) {
    const [was, is] = [before.sources[side], after.sources[side]];
    if (was.alias !== is.alias || was.type !== is.type || was.uri !== is.uri) {
      sentences.push(text.source(text.sides[side], was.alias, is.alias));
    }
    if (key(was.primary_key) !== key(is.primary_key)) sentences.push(text.key(is.alias, key(is.primary_key)));
    if (key(was.schema) !== key(is.schema)) sentences.push(text.columns(is.alias));
  }
  const clicks = ruleChanges(before, after);
  sentences.push(...clicks);
  const bySql = before.match_sql !== after.match_sql && clicks.length === 0;
  // A column more in the result, or another name of a source, changes the SQL as well: it is by hand where nothing else did.
  const byHand =
    bySql && sentences.every((sentence) => sentence === text.described || sentence.startsWith(text.renamedStart));
  if (byHand) sentences.push(text.byHand);
  if (sentences.length === 0) sentences.push(text.nothing);
  return {
    sentences,
    sql:
      byHand || (before.match_sql !== after.match_sql && !after.rule)
        ? lineDiff(before.match_sql, after.match_sql)
        : null,
  };
}

/** True where the later version is the earlier one under another name. */
export function isOnlyRenamed(before: Recipe, after: Recipe): boolean {
  const { sentences } = versionChanges(before, after);
  return before.name !== after.name && sentences.length === 1;
}

const key = (columns: readonly string[] | undefined) => columns?.join(', ') ?? '';

function ruleChanges(before: Recipe, after: Recipe): string[] {
  const inWords = (recipe: Recipe) => (condition: Condition) =>
    describeCondition(condition, recipe.sources.left.alias, recipe.sources.right.alias);
  const was = (before.rule?.conditions ?? []).map((condition) => ({ condition, words: inWords(before)(condition) }));
  const is = (after.rule?.conditions ?? []).map((condition) => ({ condition, words: inWords(after)(condition) }));
  const removed = was.filter(({ words }) => !is.some((other) => other.words === words));
  const added = is.filter(({ words }) => !was.some((other) => other.words === words));
  const sentences: string[] = [];
  for (const one of removed) {
    const at = added.findIndex(
      ({ condition }) => condition.left === one.condition.left && condition.right === one.condition.right,
    );
    const [now] = at >= 0 ? added.splice(at, 1) : [];
    sentences.push(now ? text.changed(one.words, now.words) : text.removed(one.words));
  }
  for (const { words } of added) sentences.push(text.added(words));
  if (before.rule && after.rule && before.rule.pairing !== after.rule.pairing) {
    sentences.push(text.pairing[after.rule.pairing]);
  }
  return sentences;
}
