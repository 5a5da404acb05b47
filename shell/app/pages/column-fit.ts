import type { RecipeSource, Upload } from '@kalla/core';

export interface ColumnFit {
  /** Columns that the recipe needs and the file lacks. */
  missing: string[];
  /** For a missing column, a column of the file that is probably meant. */
  near: { missing: string; found: string }[];
}

/** Compares the columns of an uploaded file with those that the recipe names. Names are compared exactly. */
export function columnFit(source: RecipeSource, upload: Pick<Upload, 'columns'>): ColumnFit {
  const has = upload.columns.map((column) => column.name);
  const expected = source.schema ?? [];
  const missing = expected.filter((name) => !has.includes(name));
  const spare = has.filter((name) => !expected.includes(name));
  const near = missing.flatMap((name) => {
    const found = nearest(name, spare);
    return found ? [{ missing: name, found }] : [];
  });
  return { missing, near };
}

/** The name closest to `wanted`, if it is close: the same but for case and punctuation, or at most a third of it differs. */
export function nearest(wanted: string, names: readonly string[]): string | null {
  const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const target = plain(wanted);
  let best: string | null = null;
  let bestDistance = Math.floor(target.length / 3) + 1;
  for (const name of names) {
    const distance = editDistance(target, plain(name));
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance: the number of letters to insert, delete or replace. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(replace, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
