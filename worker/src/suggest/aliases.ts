import type { SourceRef, WorkerSuggestRequest } from '@kalla/core';

/** Longest alias, as `aliasSchema` says. */
const LONGEST = 63;

/**
 * An alias from a file's name: `Bank Jänner 2026.csv` becomes `bank_janner_2026`.
 *
 * @example aliasOf('2026-01 payments (final).csv') === 'file_2026_01_payments_final'
 */
export function aliasOf(filename: string): string {
  const slug = filename
    .replace(/(\.[A-Za-z0-9]{1,10}){1,2}$/, '')
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const name = /^[a-z]/.test(slug) ? slug : slug ? `file_${slug}` : 'file';
  return name.slice(0, LONGEST - 3).replace(/_+$/, '');
}

type Side = WorkerSuggestRequest['left'];

/** Both sides' sources with aliases that differ. A registered source keeps its own; the other gives way. */
export function withAliases(
  sides: readonly [Side, Side],
): [SourceRef & { alias: string }, SourceRef & { alias: string }] {
  const wanted = sides.map((side) => side.alias ?? aliasOf(side.source.filename ?? 'file')) as [string, string];
  if (wanted[0] === wanted[1]) {
    const free = sides[1].alias === undefined ? 1 : 0;
    // A registered source on both sides: it is read twice, and the second reading needs a name of its own.
    wanted[free] = `${wanted[free].slice(0, LONGEST - 2)}_2`;
  }
  return [
    { ...sides[0].source, alias: wanted[0] },
    { ...sides[1].source, alias: wanted[1] },
  ];
}
