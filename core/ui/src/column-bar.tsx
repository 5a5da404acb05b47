import { useId } from 'react';
import { Button } from './button.tsx';
import { formatCount } from './format.ts';
import { useLocale } from './locale.tsx';
import { messages } from './messages.ts';

export interface ColumnBarProps {
  search: string;
  onSearch(text: string): void;
  /** How many columns there are, after the search. */
  count: number;
  /** Those that are seen, from 1; null where all are. */
  seen: { from: number; to: number } | null;
  /** Id of the table that it moves. */
  controls: string;
  onPage(by: 1 | -1): void;
}

/** Above a table of many columns: finds one by a part of its name, says which are seen, and moves by as many as fit. */
export function ColumnBar({ search, onSearch, count, seen, controls, onPage }: ColumnBarProps) {
  const id = useId();
  const locale = useLocale();
  return (
    <div className="k-column-bar">
      <label htmlFor={id} className="k-visually-hidden">
        {messages.findColumn}
      </label>
      <input
        id={id}
        type="search"
        className="k-input"
        placeholder={messages.findColumn}
        value={search}
        onChange={(event) => onSearch(event.target.value)}
      />
      {seen && (
        <div className="k-column-pages">
          <Button
            small
            aria-label={messages.columnsBefore}
            aria-controls={controls}
            aria-disabled={seen.from <= 1}
            onClick={() => onPage(-1)}
          >
            <span aria-hidden="true">‹</span>
          </Button>
          <span className="k-soft k-number">
            {messages.columnsSeen(
              formatCount(seen.from, locale),
              formatCount(seen.to, locale),
              formatCount(count, locale),
            )}
          </span>
          <Button
            small
            aria-label={messages.columnsAfter}
            aria-controls={controls}
            aria-disabled={seen.to >= count}
            onClick={() => onPage(1)}
          >
            <span aria-hidden="true">›</span>
          </Button>
        </div>
      )}
    </div>
  );
}
