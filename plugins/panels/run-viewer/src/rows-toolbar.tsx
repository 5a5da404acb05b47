import type { ColumnInfo, RowFilter } from '@kalla/core';
import { Button, formatDecimal, useLocale } from '@kalla/ui';
import { useEffect, useId, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { filterText, filterValue, hasValue, valueKind } from './filter-value.ts';
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

/** Search over all columns and conditions on single ones. Both are answered by the server, over all rows. */
export function RowsToolbar({ columns, filter, q, tools, onChange }: RowsToolbarProps) {
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  const [column, setColumn] = useState('');
  const [op, setOp] = useState<RowFilter['op']>('contains');
  const [value, setValue] = useState('');
  const locale = useLocale();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const chosen = columns.find(({ name }) => name === column) ?? columns[0];
  const kind = valueKind(chosen, op);
  const inWords = (each: RowFilter) =>
    filterText(
      each,
      columns.find(({ name }) => name === each.column),
      locale,
    );

  function addFilter(event: FormEvent) {
    event.preventDefault();
    if (!chosen) return;
    const exact = filterValue(value, chosen, op, locale);
    if (hasValue(op) && (value === '' || exact === null)) {
      const whole = /^u?int/.test(chosen.type);
      const example = whole ? '42' : formatDecimal('1234.56', locale);
      setRefused(value === '' ? messages.filterEmpty : messages.filterRefused(value, example));
      field.current?.focus();
      return;
    }
    onChange({
      filter: [...filter, { column: chosen.name, op, ...(hasValue(op) && exact !== null ? { value: exact } : {}) }],
    });
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
          value={chosen?.name ?? ''}
          onChange={(event) => {
            setColumn(event.target.value);
            setRefused(null);
          }}
        >
          {columns.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <select
          className="k-select"
          aria-label={messages.filterOp}
          value={op}
          onChange={(event) => {
            setOp(event.target.value as RowFilter['op']);
            setRefused(null);
          }}
        >
          {ops.map((each) => (
            <option key={each} value={each}>
              {messages.ops[each]}
            </option>
          ))}
        </select>
        {hasValue(op) && (
          <input
            // A browser empties a field of a date that holds something else; and what is typed is kept for the other kinds.
            key={kind === 'date' ? 'date' : 'text'}
            ref={field}
            type={kind === 'date' ? 'date' : 'text'}
            className="k-input rv-value"
            aria-label={messages.filterValue}
            aria-invalid={refused !== null || undefined}
            aria-describedby={refused !== null ? id : undefined}
            value={kind === 'date' && !/^\d{4}-\d{2}-\d{2}$/.test(value) ? '' : value}
            onChange={(event) => {
              setValue(event.target.value);
              setRefused(null);
            }}
          />
        )}
        <Button small type="submit">
          {messages.filterAdd}
        </Button>
        {refused !== null && (
          <span id={id} className="k-field-hint" role="alert">
            {refused}
          </span>
        )}
      </form>
      {tools}
      {(filter.length > 0 || q) && (
        <div className="rv-chips">
          {filter.map((each, index) => (
            <button
              key={inWords(each)}
              type="button"
              className="k-button k-button-small"
              aria-label={messages.filterRemove(inWords(each))}
              onClick={() => onChange({ filter: filter.filter((_, at) => at !== index) })}
            >
              {inWords(each)} <span aria-hidden="true">×</span>
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
