import type { Note } from '@kalla/core';
import { Badge } from './badge.tsx';
import { Count } from './values.tsx';

/** Remarks about columns or whole sources. `label` names the list. */
export function NoteList({ notes, label }: { notes: readonly Note[]; label: string }) {
  if (notes.length === 0) return null;
  return (
    <ul className="k-notes" aria-label={label}>
      {notes.map((note, index) => (
        <li key={index}>
          {note.column && <code>{note.column}</code>} {note.message}{' '}
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
