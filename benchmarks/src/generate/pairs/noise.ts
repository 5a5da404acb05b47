/** How far two files are from the ideal. Shares are of 1. */
export interface Noise {
  /** Cases whose rows are on the other side only; on each side. */
  missing: number;
  /** Cases that one side has twice, as after an import or a booking that was done again. */
  duplicates: number;
  /** References of the right side with one wrong, missing or swapped character. */
  typos: number;
  /** Amounts of the right side that a charge of 0.35 to 15.00 was taken from, which no rule of the kind expects. */
  charges: number;
  /** Columns that the other side knows nothing of; on each side. */
  extraColumns: number;
  /** Whether the rows of each side are in an order of their own. */
  shuffled: boolean;
}

/** The levels, from the easy file of a demonstration to one that has been through many hands. */
export const noiseLevels = {
  clean: { missing: 0.01, duplicates: 0, typos: 0, charges: 0, extraColumns: 0, shuffled: false },
  usual: { missing: 0.05, duplicates: 0.01, typos: 0.01, charges: 0.02, extraColumns: 3, shuffled: true },
  rough: { missing: 0.2, duplicates: 0.03, typos: 0.05, charges: 0.08, extraColumns: 6, shuffled: true },
} as const satisfies Record<string, Noise>;
export type NoiseLevel = keyof typeof noiseLevels;
export const noiseNames = ['clean', 'usual', 'rough'] as const satisfies NoiseLevel[];
