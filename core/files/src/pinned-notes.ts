import type { Note } from '@kalla/core';
import type { PinnedColumn } from './types.ts';

/** Why columns that were decided before are text: where a rule then fails, that is the reason. */
export function pinnedNotes(pinned: { columns: readonly Pick<PinnedColumn, 'why'>[] } | undefined): Note[] {
  return (pinned?.columns ?? []).flatMap(({ why }) => (why ? [why] : []));
}
