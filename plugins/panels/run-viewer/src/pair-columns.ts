import type { ColumnInfo, Difference } from '@kalla/core';

/** As many differences as a set of rows can be asked for. */
export const MOST_DIFFERENCES = 20;
/** As many as suggest themselves: two files of hundreds of columns have hundreds, and what is compared stands first. */
const MOST_SUGGESTED = 6;

/** What a panel knows of one side. `columns` are those of the source; absent for a run that did not tell. */
export interface SideColumns {
  alias: string;
  columns?: readonly Pick<ColumnInfo, 'name' | 'type'>[] | undefined;
  primary_key: readonly string[];
}

/** One line of two rows beside each other. */
export type AlignedField =
  | { kind: 'pair'; left: ColumnInfo; right: ColumnInfo }
  | { kind: 'left' | 'right' | 'both' | 'rule'; column: ColumnInfo };

export type Owner = { side: 'left' | 'right' | 'both' | 'rule'; stem: string };
type Kind = 'number' | 'day' | 'other';

/** What a column can be compared as. Numbers of floating point have no exact difference. */
export function kindOf({ type }: Pick<ColumnInfo, 'type'>): Kind {
  if (/^(decimal|u?int)/.test(type)) return 'number';
  return /^(date|timestamp|timestamptz)$/.test(type) ? 'day' : 'other';
}

/** The names of a side's columns, for which a side of a thousand is asked for each column of a result. */
const namesOf = ({ columns = [] }: SideColumns) => new Set(columns.map(({ name }) => name.toLowerCase()));

/**
 * Whose column of the rule's result it is, by its name: `left_amount`, `ledger_amount`, or the name of one side's column. Clicks call a
 * compared amount `left_amount` and `right_amount`, and a date likewise, whatever the sides call them: these two go together.
 *
 * @param all the names of the result in lower case
 */
function ownerOf(
  name: string,
  left: SideColumns,
  right: SideColumns,
  names: Map<SideColumns, Set<string>>,
  all: ReadonlySet<string>,
): Owner {
  const plain = name.toLowerCase();
  const has = (side: SideColumns, column: string) => names.get(side)?.has(column) ?? false;
  for (const [side, { alias }] of [
    ['left', left],
    ['right', right],
  ] as const) {
    const of = side === 'left' ? left : right;
    for (const prefix of [`${side}_`, `${alias.toLowerCase()}_`]) {
      const stem = plain.slice(prefix.length);
      if (plain.startsWith(prefix) && stem && (!of.columns || has(of, stem)) && !has(of, plain)) return { side, stem };
    }
  }
  const [inLeft, inRight] = [has(left, plain), has(right, plain)];
  const [, prefix, stem = ''] = /^(left|right)_(.+)$/.exec(plain) ?? [];
  if (prefix && !inLeft && !inRight && all.has(`left_${stem}`) && all.has(`right_${stem}`))
    return { side: prefix as 'left' | 'right', stem };
  const side = inLeft && inRight ? 'both' : inLeft ? 'left' : inRight ? 'right' : 'rule';
  return { side, stem: plain };
}

/** Whose each column of the rule's result is, and what it is called there. */
export function ownersOf(columns: readonly ColumnInfo[], left: SideColumns, right: SideColumns): Owner[] {
  const names = new Map([left, right].map((side) => [side, namesOf(side)]));
  const all = new Set(columns.map(({ name }) => name.toLowerCase()));
  return columns.map(({ name }) => ownerOf(name, left, right, names, all));
}

/**
 * Guesses which columns of the matched set belong together, for what can be counted of them: those of the same name on both sides, then neighbours of the same
 * kind, then keys, then the only number or the only date that each side has left.
 */
export function alignColumns(columns: readonly ColumnInfo[], left: SideColumns, right: SideColumns): AlignedField[] {
  const owners = ownersOf(columns, left, right);
  const partner = new Map<number, number>();
  const free = (side: 'left' | 'right') =>
    owners.flatMap((owner, at) => (owner.side === side && !partner.has(at) ? [at] : []));
  const join = (a: number | undefined, b: number | undefined) => {
    if (a === undefined || b === undefined) return;
    partner.set(a, b);
    partner.set(b, a);
  };
  const kindAt = (at: number) => kindOf(columns[at]!);

  for (const a of free('left'))
    join(
      a,
      free('right').find((b) => owners[b]!.stem === owners[a]!.stem),
    );
  for (const a of free('left'))
    join(
      a,
      free('right').find((b) => Math.abs(a - b) === 1 && kindAt(a) === kindAt(b)),
    );
  const isKey = (at: number, side: SideColumns) =>
    side.primary_key.some((key) => key.toLowerCase() === owners[at]!.stem);
  const keys = [free('left').filter((at) => isKey(at, left)), free('right').filter((at) => isKey(at, right))] as const;
  if (keys[0].length === 1 && keys[1].length === 1) join(keys[0][0], keys[1][0]);
  for (const kind of ['number', 'day'] as const) {
    const [a, b] = [
      free('left').filter((at) => kindAt(at) === kind),
      free('right').filter((at) => kindAt(at) === kind),
    ];
    if (a.length === 1 && b.length === 1) join(a[0], b[0]);
  }
  return columns.flatMap((column, at): AlignedField[] => {
    const { side } = owners[at]!;
    const other = partner.get(at);
    if (other === undefined) return [{ kind: side, column }];
    // A pair stands where the first of the two stands.
    if (other < at) return [];
    return [
      side === 'left'
        ? { kind: 'pair', left: column, right: columns[other]! }
        : { kind: 'pair', left: columns[other]!, right: column },
    ];
  });
}

/**
 * The differences that suggest themselves: of each pair of numbers left minus right, of each pair of days right minus left,
 * so that a payment after its booking has a positive number of days. Keys have none.
 */
export function suggestDifferences(
  columns: readonly ColumnInfo[],
  left: SideColumns,
  right: SideColumns,
): Difference[] {
  const isKey = (name: string) =>
    [...left.primary_key, ...right.primary_key].some((key) => name.toLowerCase().endsWith(key.toLowerCase()));
  const all = alignColumns(columns, left, right).flatMap((field): Difference[] => {
    if (field.kind !== 'pair' || isKey(field.left.name) || isKey(field.right.name)) return [];
    const kind = kindOf(field.left);
    if (kind === 'other' || kind !== kindOf(field.right)) return [];
    return [kind === 'number' ? [field.left.name, field.right.name] : [field.right.name, field.left.name]];
  });
  return all.slice(0, MOST_SUGGESTED);
}

/** The name that the worker gives to the column of a difference. */
export function differenceName([from, minus]: Difference): string {
  return `${from} − ${minus}`;
}
