import type { ResultSet } from '@kalla/core';

export type SetName = ResultSet;

/** The three sets in the order of their tabs. Stated here so that the schemas of @kalla/core are not loaded for it. */
export const resultSetNames = ['matched', 'unmatched_left', 'unmatched_right'] as const satisfies readonly ResultSet[];
