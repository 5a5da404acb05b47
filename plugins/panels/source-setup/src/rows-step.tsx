import type { Description, RowsPage, SourceDraft } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { DataTable, formatCount, NoteList, ProblemNotice, Skeleton, visibleText, Button } from '@kalla/ui';
import { useEffect, useState } from 'react';
import { messages } from './messages.ts';
import type { Caller } from './use-call.ts';
import { useCall } from './use-call.ts';

/** Of a table with more columns so many are read at a time. */
const MOST_COLUMNS = 100;

export interface RowsStepProps {
  draft: SourceDraft;
  keyColumns: readonly string[];
  rows: Caller<RowsPage>;
  /** The rows are read again: what else is known of them has to be as well. */
  onAgain(): void;
}

/** The first rows of the table as a run will read them, and the remarks about its columns. */
export function RowsStep({ draft, keyColumns, rows, onAgain }: RowsStepProps) {
  const { api, locale } = usePanelHost();
  const notes = useCall<Pick<Description, 'notes'>>();
  /** Columns of a wide table that were asked for, in place of the first. */
  const [asked, setAsked] = useState<RowsPage | null>(null);
  const others = useCall<void>();
  const { start } = rows;
  const { start: startNotes } = notes;
  const read = (part: { columns?: string[]; max_columns?: number }) => (signal: AbortSignal) =>
    api.request<RowsPage>('POST', '/api/inspect/preview', { source: draft, limit: 20, ...part }, signal);
  const load = () => {
    others.clear();
    setAsked(null);
    start(read({ max_columns: MOST_COLUMNS }));
    startNotes((signal) => api.request('POST', '/api/inspect/describe', { source: draft }, signal));
  };
  // A draft is made anew when anything in it changes.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  useEffect(load, [draft]);
  const { call } = rows;
  const first = call.state === 'done' ? call.value : null;
  const all = first?.all_columns ?? first?.columns ?? [];
  const shown = first && (asked ?? first);
  return (
    <section className="k-card ss-rows" aria-labelledby="ss-rows-title">
      <div className="ss-head">
        <h2 id="ss-rows-title">
          {draft.table === undefined ? messages.rowsTitleFile : messages.rowsTitle(visibleText(draft.table))}
        </h2>
        {call.state === 'done' && (
          <span className="k-soft">{messages.columnCount(formatCount(all.length, locale))}</span>
        )}
        {call.state !== 'idle' && (
          <Button
            tone="quiet"
            small
            busy={call.state === 'busy'}
            onClick={() => {
              load();
              onAgain();
            }}
          >
            {messages.readAgain}
          </Button>
        )}
      </div>
      {call.state === 'busy' && <Skeleton lines={8} label={messages.loadingRows} />}
      {call.state === 'failed' && (
        <ProblemNotice title={messages.rowsFailed} problem={call.problem}>
          <Button small onClick={load}>
            {messages.tryAgain}
          </Button>
        </ProblemNotice>
      )}
      {others.call.state === 'failed' && <ProblemNotice title={messages.columnsFailed} problem={others.call.problem} />}
      {shown && (
        <>
          <DataTable
            label={messages.rowsTitleFile}
            columns={all}
            rows={shown.rows}
            marked={keyColumns}
            part={
              shown.rows.length > 0 && shown.columns.length < all.length
                ? {
                    read: namesOf(shown),
                    most: MOST_COLUMNS,
                    busy: others.call.state === 'busy',
                    onRead: (columns) => others.start(async (signal) => setAsked(await read({ columns })(signal))),
                  }
                : undefined
            }
          />
          {shown.rows.length === 0 && <p>{messages.noRows}</p>}
        </>
      )}
      {notes.call.state === 'done' && notes.call.value.notes.length > 0 && (
        <details>
          <summary>
            {messages.remarks} ({formatCount(notes.call.value.notes.length, locale)})
          </summary>
          <NoteList label={messages.remarks} notes={notes.call.value.notes} />
        </details>
      )}
    </section>
  );
}

const namesOf = ({ columns }: RowsPage) => new Set(columns.map(({ name }) => name));
