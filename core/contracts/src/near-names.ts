import { editDistance } from './edit-distance.ts';

/**
 * The three names that come nearest to what was written, nearest first: those it is a part of, or a slip of the pen away from.
 *
 * @param plain What of a name is compared: all of it, capitals aside, where absent.
 * @example nearNames('invioces', ['invoices', 'users']) // ['invoices']
 */
export function nearNames(
  wanted: string,
  names: readonly string[],
  plain: (name: string) => string = (name) => name.toLowerCase(),
): string[] {
  const target = plain(wanted);
  return names
    .map((name) => ({ name, distance: plain(name).includes(target) ? 0.5 : editDistance(target, plain(name)) }))
    .filter(({ distance }) => distance <= Math.max(2, target.length / 3))
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map(({ name }) => name);
}
