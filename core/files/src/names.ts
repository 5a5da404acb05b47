import type { Note } from '@kalla/core';

/** Names that the engine gives a meaning of its own. */
const RESERVED = new Set(['_row']);

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
      ? `The name "${original}" ${RESERVED.has(original.toLowerCase()) ? 'has a meaning of its own in Kalla' : 'stands above more than one column'}; column ${index + 1} is called "${name}".`
      : `Column ${index + 1} has no name in the file; it is called "${name}".`;
    notes.push({ column: name, message });
  });
  return { names, notes };
}
