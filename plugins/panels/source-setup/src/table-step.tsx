import type { SourceDraft, TableRef } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Button, classNames, formatCount, ProblemNotice, Skeleton, visibleText } from '@kalla/ui';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { emptyList } from './empty-list.ts';
import { messages } from './messages.ts';
import { useTables } from './use-tables.ts';

export interface TableStepProps {
  draft: SourceDraft;
  chosen: string | null;
  onChoose(table: TableRef): void;
  /** The source has exactly one table and nothing was searched: there is nothing to choose. */
  onOnly(table: TableRef): void;
}

/**
 * The tables of a source, searched and paged on the server: 5,000 of them are never on the page. Search field and list are
 * one tab stop, after the ARIA pattern of a combo box whose list is always open: arrows move, Enter takes.
 */
export function TableStep({ draft, chosen, onChoose, onOnly }: TableStepProps) {
  const { locale } = usePanelHost();
  const id = useId();
  const [typed, setTyped] = useState('');
  const { tables, next, busy, problem, searched, more, again } = useTables(draft, typed);
  const [active, setActive] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => setActive(0), [searched]);
  useEffect(() => {
    const [only, ...rest] = tables ?? [];
    if (only && rest.length === 0 && next === null && searched === '') onOnly(only);
    // What is done about it is the parent's; only another list asks again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [tables]);

  function move(to: number) {
    const length = tables?.length ?? 0;
    const index = Math.min(Math.max(to, 0), Math.max(length - 1, 0));
    setActive(index);
    list.current?.children[index]?.scrollIntoView({ block: 'nearest' });
    if (to >= length - 1 && next !== null && !busy) more();
  }
  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      move(active + step);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const table = tables?.[active];
      if (table) onChoose(table);
    }
  }

  const sheets = tables?.some((table) => table.kind === 'sheet') ?? false;
  const shown = formatCount(tables?.length ?? 0, locale);
  return (
    <section className="k-card ss-tables" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} className="ss-table-title" tabIndex={-1}>
        {sheets ? messages.sheetTitle : messages.tableTitle}
      </h2>
      <div className="ss-search">
        <label htmlFor={`${id}-search`} className="k-visually-hidden">
          {messages.searchTables}
        </label>
        <input
          id={`${id}-search`}
          className="k-input"
          role="combobox"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls={`${id}-list`}
          aria-activedescendant={tables?.[active] ? `${id}-${active}` : undefined}
          placeholder={messages.searchTables}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <span role="status" className="k-soft">
          {/* Where none is shown, it is not known whether there are more. */}
          {tables &&
            !problem &&
            (next === null || tables.length === 0 ? messages.shownTables(shown) : messages.shownTablesMore(shown))}
        </span>
      </div>
      {chosen !== null && !tables?.some((table) => table.id === chosen) && (
        <p className="ss-chosen">
          {messages.chosenTable} <strong>{visibleText(chosen)}</strong>
        </p>
      )}
      {problem && (
        <ProblemNotice title={messages.tablesFailed} problem={{ detail: problem.detail }}>
          <Button small onClick={again}>
            {messages.tryAgain}
          </Button>
        </ProblemNotice>
      )}
      {!tables && !problem && <Skeleton lines={6} label={messages.loadingTables} />}
      {tables?.length === 0 && <p className="ss-none">{emptyList(searched, next)}</p>}
      {/* The list is there before its options are, since the search field names it. */}
      <ul
        ref={list}
        id={`${id}-list`}
        role="listbox"
        aria-label={messages.tableList}
        aria-busy={busy || undefined}
        className={classNames('ss-table-list', !tables?.length && 'k-visually-hidden')}
      >
        {tables?.map((table, index) => (
          // The keys are taken by the search field, which keeps the focus.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <li
            key={table.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={table.id === chosen}
            className={classNames('ss-table', index === active && 'ss-table-active')}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => {
              setActive(index);
              onChoose(table);
            }}
          >
            <bdi className="ss-table-name" title={table.name}>
              {visibleText(table.name)}
            </bdi>
            <span className="k-soft ss-table-about">
              {messages.tableKinds[table.kind]}
              {table.rowEstimate ? `, ${messages.aboutRows(formatCount(Math.round(table.rowEstimate), locale))}` : ''}
            </span>
          </li>
        ))}
      </ul>
      {next !== null && (
        <Button small busy={busy} onClick={more}>
          {messages.moreTables}
        </Button>
      )}
    </section>
  );
}
