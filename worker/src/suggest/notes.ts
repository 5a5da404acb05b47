import type { Note, WorkerSuggestRequest } from '@kalla/core';
import { type Both, type SideName, SIDES } from './bench.ts';
import type { ColumnFacts } from './column-facts.ts';
import { NOTES } from './messages.ts';
import { BENCH_ROWS, type BenchSource } from './staged-cache.ts';

/** What a person should know besides the proposals. */
export function notesOf(
  request: WorkerSuggestRequest,
  sides: Both<BenchSource>,
  facts: Both<readonly ColumnFacts[]>,
  proposals: number,
  currencies: readonly { side: SideName; column: string; codes: string[] }[],
): Note[] {
  const alias = (side: SideName) => sides[side].staged.alias;
  const notes: Note[] = [];
  const { left, right } = request;
  const sameContent =
    left.source.sha256 !== undefined && left.source.sha256 === right.source.sha256
      ? true
      : sides.left.key === sides.right.key;
  const empty = SIDES.filter((side) => sides[side].staged.rows === 0);
  if (sameContent) notes.push({ message: NOTES.sameFile(alias('left'), alias('right')) });
  for (const side of empty) notes.push({ message: NOTES.empty(alias(side)) });
  if (proposals === 0 && empty.length === 0) notes.push({ message: NOTES.nothing(alias('left'), alias('right')) });
  for (const side of SIDES) {
    if (sides[side].cut) notes.push({ message: NOTES.cut(alias(side), BENCH_ROWS) });
    const blank =
      sides[side].staged.rows > 0 ? facts[side].filter(({ filled, nulls }) => filled === 0 && nulls > 0) : [];
    if (blank.length > 0 && blank.length <= 10)
      notes.push({ message: NOTES.allNull(alias(side), blank.map(({ name }) => `"${name}"`).join(', ')) });
    // A question about how a file is read changes what matches, so it is asked again here.
    for (const note of request[side].notes.filter((one) => one.choice))
      notes.push({ ...note, message: NOTES.fromFile(alias(side), note.message) });
  }
  for (const { side, column, codes } of currencies) {
    const other = currencies.some((one) => one.side !== side);
    const say = other ? NOTES.currencies : NOTES.currenciesAlone;
    notes.push({ column, message: say(alias(side), column, codes.join(', ')) });
  }
  return notes;
}
