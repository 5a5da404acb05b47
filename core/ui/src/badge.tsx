import type { RunStatus } from '@kalla/core';
import type { ReactNode } from 'react';
import { messages } from './messages.ts';

export type BadgeTone = 'neutral' | 'good' | 'busy' | 'bad' | 'warn';

/** A short word about the state of a thing. Its meaning is in the word, the colour only helps. */
export function Badge({ tone = 'neutral', children }: { tone?: BadgeTone; children: ReactNode }) {
  return <span className={`k-badge k-badge-${tone}`}>{children}</span>;
}

const TONES: Record<RunStatus, BadgeTone> = {
  queued: 'neutral',
  staging: 'busy',
  matching: 'busy',
  completed: 'good',
  failed: 'bad',
  cancelled: 'warn',
};

/** The state of a run. */
export function StatusBadge({ status }: { status: RunStatus }) {
  return <Badge tone={TONES[status]}>{messages.status[status]}</Badge>;
}
