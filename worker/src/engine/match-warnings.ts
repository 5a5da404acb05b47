import type { Counts, KeyReport, Note } from '@kalla/core';
import type { MatchSide } from './match.ts';

/** Sentences about keys and multiplied rows that a reader of the result should know. */
export function matchWarnings(
  counts: Counts,
  keys: { left: KeyReport; right: KeyReport },
  sides: readonly [MatchSide, MatchSide],
): Note[] {
  const notes: Note[] = [];
  for (const [index, name] of (['left', 'right'] as const).entries()) {
    const { staged, primaryKey } = sides[index]!;
    const report = keys[name];
    const key = primaryKey.join(', ');
    if (report.null_key_rows > 0) {
      notes.push({
        message: `${plural(report.null_key_rows, 'row', 'rows')} of "${staged.alias}" ${report.null_key_rows === 1 ? 'has' : 'have'} no ${key}: such a row can never match and is counted as unmatched.`,
        count: report.null_key_rows,
      });
    }
    if (report.duplicate_keys > 0) {
      notes.push({
        message: `${plural(report.duplicate_key_rows, 'row', 'rows')} of "${staged.alias}" share ${plural(report.duplicate_keys, 'value', 'values')} of ${key}, which should be unique: where one of them matches, all count as matched.`,
        count: report.duplicate_key_rows,
      });
    }
  }
  const pairs = Math.max(counts.matched_left_rows, counts.matched_right_rows);
  if (counts.matched > pairs) {
    notes.push({
      message: `The result has ${plural(counts.matched, 'row', 'rows')} for ${counts.matched_left_rows} matched rows of "${sides[0].staged.alias}" and ${counts.matched_right_rows} of "${sides[1].staged.alias}": some rows were paired more than once.`,
      count: counts.matched - pairs,
    });
  }
  return notes;
}

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;
