import type { ColumnInfo } from '@kalla/core';
import { Button } from './button.tsx';
import type { ColumnRange } from './column-window.ts';
import type { ColumnsInPart } from './data-table.tsx';
import { formatCount } from './format.ts';
import { useLocale } from './locale.tsx';
import { messages } from './messages.ts';

export interface UnreadBarProps {
  part: ColumnsInPart;
  /** All of the table. */
  columns: readonly ColumnInfo[];
  /** Those that a search has left, and which of them are seen. */
  found: readonly ColumnInfo[];
  seen: ColumnRange;
}

/** Above a table of which some columns are read: says which, and reads those that are looked at. */
export function UnreadBar({ part, columns, found, seen }: UnreadBarProps) {
  const locale = useLocale();
  const { read, most, busy, onRead } = part;
  // The number of a row, the last column of a file, is read with all others.
  const first = columns.findIndex(({ name }) => !read.has(name));
  const [sentence, count] =
    first > 0 && first >= read.size - 1 ? [messages.firstColumnsRead, first] : [messages.columnsRead, read.size];
  const missing = found.slice(seen.first, seen.end).some(({ name }) => !read.has(name));
  return (
    <div className="k-column-bar">
      <span role="status">{sentence(formatCount(count, locale), formatCount(columns.length, locale))}</span>
      <Button
        small
        busy={busy}
        aria-disabled={!missing}
        onClick={() => {
          // Near the end as many are read as elsewhere, those before what is seen.
          const from = Math.max(0, Math.min(seen.first, found.length - most));
          if (missing) onRead(found.slice(from, from + most).map(({ name }) => name));
        }}
      >
        {messages.readColumns}
      </Button>
    </div>
  );
}
