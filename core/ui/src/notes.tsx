import type { Note } from '@kalla/core';
import { Fragment } from 'react';
import { Badge } from './badge.tsx';
import { formatCount } from './format.ts';
import { useLocale } from './locale.tsx';
import { messages } from './messages.ts';
import { Count } from './values.tsx';

/** How many columns of which the same is said are named; a table may have thousands. */
const NAMED = 12;

/** Remarks about columns or whole sources, what is the same of several columns once. `label` names the list. */
export function NoteList({ notes, label }: { notes: readonly Note[]; label: string }) {
  const locale = useLocale();
  if (notes.length === 0) return null;
  return (
    <ul className="k-notes" aria-label={label}>
      {grouped(notes).map(({ note, columns }, index) => (
        <li key={index}>
          {columns.slice(0, NAMED).map((column) => (
            <Fragment key={column}>
              <code>{column}</code>{' '}
            </Fragment>
          ))}
          {columns.length > NAMED && messages.moreColumns(formatCount(columns.length - NAMED, locale))} {note.message}{' '}
          {note.count !== undefined && note.count > 0 && (
            <Badge>
              <Count value={note.count} />
            </Badge>
          )}
        </li>
      ))}
    </ul>
  );
}

interface Group {
  note: Note;
  columns: string[];
}

/** Notes in their order; those that say the same of other columns go to the first of them. */
function grouped(notes: readonly Note[]): Group[] {
  const groups = new Map<string, Group>();
  for (const [index, note] of notes.entries()) {
    const { column, count, message } = note;
    // A count is of one column.
    const key = column && !count ? message : `#${index}`;
    const group = groups.get(key);
    if (group && column) group.columns.push(column);
    else groups.set(key, { note, columns: column ? [column] : [] });
  }
  return [...groups.values()];
}
