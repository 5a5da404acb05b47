import { editDistance } from './edit-distance.ts';

/** Names that a sentence lists before it counts the rest. */
const MOST_NAMES = 10;

/**
 * Names in quotes, as a sentence lists them: the first ten, and how many more there are.
 *
 * @example quotedNames(['a', 'b']) === '"a", "b"'
 */
export function quotedNames(names: readonly string[], most = MOST_NAMES): string {
  const shown = names.slice(0, most).map((name) => `"${name}"`);
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/**
 * What a table has in place of columns that it lacks, as a sentence: all of its columns where they are few, else those that come
 * nearest to the missing ones, since a list of hundreds helps nobody.
 *
 * @example columnsInstead(['amont'], ['id', 'amount']) === 'It has: "id", "amount".'
 */
export function columnsInstead(missing: readonly string[], names: readonly string[], subject = 'It'): string {
  if (names.length === 0) return `${subject} has no columns.`;
  if (names.length <= MOST_NAMES) return `${subject} has: ${quotedNames(names)}.`;
  const near = quotedNames(nearestFirst(missing.slice(0, MOST_NAMES), names));
  return `Nearest to that ${subject === 'It' ? 'it' : subject} has: ${near}.`;
}

/** All names, those first that are a part of a wanted one, hold it, or are the fewest letters away. */
function nearestFirst(wanted: readonly string[], names: readonly string[]): string[] {
  const plain = (name: string) =>
    name
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]/gu, '')
      .slice(0, 100);
  const targets = wanted.map(plain);
  const distance = (name: string) => {
    const bare = plain(name);
    return Math.min(
      ...targets.map((target) => {
        if (bare === target) return -1;
        const within = bare.length > 2 && target.length > 2 && (bare.includes(target) || target.includes(bare));
        return within ? 0.5 : editDistance(target, bare) / Math.max(target.length, bare.length, 1) + 0.5;
      }),
    );
  };
  return names
    .map((name, index) => ({ name, index, far: distance(name) }))
    .sort((a, b) => a.far - b.far || a.index - b.index)
    .map(({ name }) => name);
}
