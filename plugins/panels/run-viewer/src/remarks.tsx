import type { Note, Run } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { formatCount, NoteList } from '@kalla/ui';
import { messages } from './messages.ts';

/** What a reader of the result should know: warnings, keys that are empty or not unique, remarks about the sources. */
export function Remarks({ run }: { run: Run }) {
  const { locale } = usePanelHost();
  const number = (value: number) => formatCount(value, locale);
  const keys = [run.left, run.right].flatMap(({ alias, keys: report }): Note[] => [
    ...(report && report.null_key_rows > 0
      ? [{ message: messages.nullKeys(alias, number(report.null_key_rows)) }]
      : []),
    ...(report && report.duplicate_keys > 0
      ? [{ message: messages.duplicateKeys(alias, number(report.duplicate_keys), number(report.duplicate_key_rows)) }]
      : []),
  ]);
  const said = new Set(run.warnings.map((warning) => warning.message));
  const general = [...run.warnings, ...keys.filter((note) => !said.has(note.message))];
  const bySide = [run.left, run.right].filter((side) => side.notes?.length);
  if (general.length === 0 && bySide.length === 0) return null;
  return (
    <section className="k-notice k-notice-warn" aria-labelledby="rv-remarks">
      <h2 id="rv-remarks" className="k-notice-title">
        {messages.warnings}
      </h2>
      <NoteList label={messages.warnings} notes={general} />
      {bySide.map(({ alias, notes }) => (
        <details key={alias}>
          <summary>{messages.notesOf(alias)}</summary>
          <NoteList label={messages.notesOf(alias)} notes={notes ?? []} />
        </details>
      ))}
    </section>
  );
}
