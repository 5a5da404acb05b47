import type { ColumnInfo, RowFilter } from '@kalla/core';
import { Button } from '@kalla/ui';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { messages } from './messages.ts';

export interface RowsToolbarProps {
  columns: readonly ColumnInfo[];
  filter: RowFilter[];
  q: string;
  /** What else stands in the bar. */
  tools?: ReactNode;
  onChange(change: { filter?: RowFilter[]; q?: string }): void;
}

const ops = Object.keys(messages.ops) as RowFilter['op'][];
const hasValue = (op: RowFilter['op']) => op !== 'is_null' && op !== 'not_null';

/** A filter in words: `amount is more than 100`. */
export function filterText({ column, op, value }: RowFilter): string {
  return [column, messages.ops[op], value].filter((part) => part !== undefined).join(' ');
}

/** Search over all columns and conditions on single ones. Both are answered by the server, over all rows. */
export function RowsToolbar({ columns, filter, q, tools, onChange }: RowsToolbarProps) {
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  const [column, setColumn] = useState('');
  const [op, setOp] = useState<RowFilter['op']>('contains');
  const [value, setValue] = useState('');
  const chosen = column || columns[0]?.name || '';

  function addFilter(event: FormEvent) {
    event.preventDefault();
    if (!chosen || (hasValue(op) && value === '')) return;
    onChange({ filter: [...filter, { column: chosen, op, ...(hasValue(op) ? { value } : {}) }] });
    setValue('');
  }

  return (
    <div className="rv-toolbar">
      <form
        role="search"
        className="rv-form"
        onSubmit={(event) => {
          event.preventDefault();
          onChange({ q: text.trim() });
        }}
      >
        <input
          type="search"
          className="k-input"
          aria-label={messages.search}
          placeholder={messages.search}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            // The cross of a search field empties it without a submit.
            if (event.target.value === '') onChange({ q: '' });
          }}
        />
        <Button small type="submit">
          {messages.searchButton}
        </Button>
      </form>
      <form className="rv-form" aria-label={messages.filterLegend} onSubmit={addFilter}>
        <span className="k-soft">{messages.filterLegend}</span>
        <select
          className="k-select"
          aria-label={messages.filterColumn}
          value={chosen}
          onChange={(event) => setColumn(event.target.value)}
        >
          {columns.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <select
          className="k-select"
          aria-label={messages.filterOp}
          value={op}
          onChange={(event) => setOp(event.target.value as RowFilter['op'])}
        >
          {ops.map((each) => (
            <option key={each} value={each}>
              {messages.ops[each]}
            </option>
          ))}
        </select>
        {hasValue(op) && (
          <input
            className="k-input rv-value"
            aria-label={messages.filterValue}
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        )}
        <Button small type="submit">
          {messages.filterAdd}
        </Button>
      </form>
      {tools}
      {(filter.length > 0 || q) && (
        <div className="rv-chips">
          {filter.map((each, index) => (
            <button
              key={filterText(each)}
              type="button"
              className="k-button k-button-small"
              aria-label={messages.filterRemove(filterText(each))}
              onClick={() => onChange({ filter: filter.filter((_, at) => at !== index) })}
            >
              {filterText(each)} <span aria-hidden="true">×</span>
            </button>
          ))}
          <Button small tone="quiet" onClick={() => onChange({ filter: [], q: '' })}>
            {messages.clear}
          </Button>
        </div>
      )}
    </div>
  );
}
