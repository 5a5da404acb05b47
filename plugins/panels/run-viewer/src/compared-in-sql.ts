import type { SideColumns } from './pair-columns.ts';

/** A table, and the other name that it may be given; of the words that may follow it none is one. */
const TABLE =
  /\b(?:from|join)\s+(?:"([^"]+)"|(\w+))(?:\s+(?:as\s+)?(?!(?:on|using|where|join|inner|left|right|full|cross|group|order|limit|union)\b)(\w+))?/gi;

/**
 * Which columns of both sides a rule that was written by hand compares, as far as it is plain to see: each part of its conditions
 * between two ANDs that names one column of either side. Names are those of the sources.
 *
 * @example comparedInSql('… FROM ledger l JOIN bank b ON l.ref = b.memo', ledger, bank) // [['ref', 'memo']]
 */
export function comparedInSql(sql: string, left: SideColumns, right: SideColumns): [left: string, right: string][] {
  const plain = sql.replace(/'(?:[^']|'')*'/g, "''").replace(/--.*$/gm, '');
  const sideOf = new Map<string, 'left' | 'right'>();
  for (const [, quoted, bare = '', other = ''] of plain.matchAll(TABLE)) {
    const table = (quoted ?? bare).toLowerCase();
    const side = table === left.alias.toLowerCase() ? 'left' : table === right.alias.toLowerCase() ? 'right' : null;
    if (!side) continue;
    sideOf.set(table, side);
    if (other) sideOf.set(other.toLowerCase(), side);
  }
  const [, ...conditions] = plain.split(/\b(?:on|where)\b/i);
  const pairs = conditions
    .flatMap((part) => part.split(/\band\b|\bor\b|\bjoin\b|\border\s+by\b|\bgroup\s+by\b/i))
    .flatMap((part): [string, string][] => {
      const found = { left: new Set<string>(), right: new Set<string>() };
      for (const [, table = '', quoted, bare = ''] of part.matchAll(/"?(\w+)"?\s*\.\s*(?:"((?:[^"]|"")+)"|(\w+))/g)) {
        const side = sideOf.get(table.toLowerCase());
        if (side) found[side].add(quoted?.replaceAll('""', '"') ?? bare);
      }
      const [[one, ...ones], [other, ...others]] = [[...found.left], [...found.right]];
      return one !== undefined && other !== undefined && ones.length + others.length === 0 ? [[one, other]] : [];
    });
  return pairs.filter(([one, other], index) => index === pairs.findIndex(([a, b]) => a === one && b === other));
}
