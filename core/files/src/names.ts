import type { Note } from '@kalla/core';

/** Names with a meaning of their own: `_row` in the engine, `__proto__` in JavaScript, where no object can have such a field. */
const RESERVED = new Set(['_row', '__proto__']);

/** True for a name that no column can have. SQL does not tell `_row` from `_ROW`. */
export function isReservedName(name: string): boolean {
  return RESERVED.has(name.toLowerCase());
}

/**
 * Makes column names that every part of Kalla can use: not empty, and unique without regard to case, because SQL does
 * not tell `Id` from `ID`. What had to be changed is said in notes.
 */
export function usableNames(cells: readonly (string | null)[], count: number): { names: string[]; notes: Note[] } {
  const names: string[] = [];
  const notes: Note[] = [];
  const taken = new Set(RESERVED);
  const wanted = Array.from({ length: count }, (_, index) => (cells[index] ?? '').replaceAll(/[\s\0]+/g, ' ').trim());
  const originals = new Set(wanted.map((name) => name.toLowerCase()));
  wanted.forEach((original, index) => {
    const base = original || `column_${index + 1}`;
    let name = base;
    for (let n = 2; taken.has(name.toLowerCase()) || (name !== original && originals.has(name.toLowerCase())); n++) {
      name = `${base}_${n}`;
    }
    taken.add(name.toLowerCase());
    names.push(name);
    if (name === original) return;
    const message = original
      ? `The name "${original}" ${isReservedName(original) ? 'has a meaning of its own in Kalla' : 'stands above more than one column'}; column ${index + 1} is called "${name}".`
      : `Column ${index + 1} has no name in the file; it is called "${name}".`;
    notes.push({ column: name, message });
  });
  return { names, notes };
}
