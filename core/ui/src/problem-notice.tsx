import type { Problem, ProblemItem } from '@kalla/core';
import type { ReactNode } from 'react';
import { messages } from './messages.ts';

export interface ProblemNoticeProps {
  /** Only `detail` is needed; the list of places is shown where there is one. */
  problem: Pick<Problem, 'detail'> & Partial<Problem>;
  title?: string;
  children?: ReactNode;
}

/** What went wrong, in a sentence, and below it each place in the user's data: file, line, column, value, what to do. */
export function ProblemNotice({ problem, title, children }: ProblemNoticeProps) {
  return (
    <section className="k-notice k-notice-bad" role="alert">
      <h2 className="k-notice-title">{title ?? problem.title ?? problem.detail}</h2>
      {(title ?? problem.title) && <p>{problem.detail}</p>}
      {problem.errors?.some(hasPlace) && <PlaceTable items={problem.errors} />}
      {children}
    </section>
  );
}

/** True where the item says more than its sentence does. */
function hasPlace(item: ProblemItem): boolean {
  return Boolean(item.file ?? item.line ?? item.row ?? item.column ?? item.value ?? item.hint);
}

function place(item: ProblemItem): string {
  return [
    item.file && messages.inFile(item.file),
    item.line !== undefined && messages.line(item.line),
    item.row !== undefined && messages.row(item.row),
    item.column && messages.column(item.column),
    item.value !== undefined && messages.value(item.value),
  ]
    .filter(Boolean)
    .join(', ');
}

function PlaceTable({ items }: { items: readonly ProblemItem[] }) {
  const hints = items.some((item) => item.hint);
  return (
    <div className="k-table-scroll" tabIndex={0} role="group" aria-label={messages.whereItIs}>
      <table className="k-table">
        <thead>
          <tr>
            <th scope="col">{messages.whereItIs}</th>
            <th scope="col">{messages.whatIsWrong}</th>
            {hints && <th scope="col">{messages.whatToDo}</th>}
          </tr>
        </thead>
        <tbody>
          {items.map((item, index) => (
            <tr key={index}>
              <td>{place(item)}</td>
              <td>{item.message}</td>
              {hints && <td>{item.hint}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
