import type { ReactNode } from 'react';
import { messages } from './messages.ts';

/** What a list shows when there is nothing in it: what would be here, and how to get there. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="k-empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Grey lines in the place of what is on its way. */
export function Skeleton({ lines = 3, label = messages.loading }: { lines?: number; label?: string }) {
  return (
    <div className="k-skeleton" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className="k-skeleton-line" />
      ))}
    </div>
  );
}
