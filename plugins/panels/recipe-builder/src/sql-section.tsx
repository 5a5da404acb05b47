import type { Validation } from '@kalla/core';
import { Button } from '@kalla/ui';
import { useId, useRef, useState } from 'react';
import { messages } from './messages.ts';
import { placeInSql, sqlTokens } from './sql-tokens.ts';
import { useTheBuilder } from './use-builder.ts';
import type { ProblemLike } from './use-latest.ts';

const text = messages.sql;

/** The rule as SQL, for those who want to see or to change it. */
export function SqlSection() {
  const id = useId();
  const { draft, change, compiled, validation, counts } = useTheBuilder();
  const [open, setOpen] = useState(draft.sql !== null && draft.rule.conditions.length === 0);
  const area = useRef<HTMLTextAreaElement>(null);
  const back = useRef<HTMLPreElement>(null);
  const { left, right } = draft.sides;
  if (!left || !right) return null;
  const sql = draft.sql ?? compiled.sql ?? '';
  const checked: Validation | null = validation.fresh ? validation.value : null;
  // What needs the columns to be seen is found when it is counted; the check before that knows the SQL only.
  const onRows = checked?.valid && counts.problem ? problemsOnRows(counts.problem) : [];
  const errors = draft.sql !== null ? [...(checked?.errors ?? []), ...onRows] : [];
  const problems = draft.sql !== null ? [...errors, ...(checked?.warnings ?? [])] : [];
  const marks = problems.flatMap(({ position }) => (position === undefined ? [] : [position]));

  function showPosition(position: number) {
    area.current?.focus();
    area.current?.setSelectionRange(position, position);
  }

  return (
    <details className="k-card rb-sql" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>{text.title}</h2>
      </summary>
      <p className="k-soft" id={`${id}-hint`}>
        {text.hint}
      </p>
      <div className="rb-editor">
        <pre ref={back} aria-hidden="true">
          <Highlighted sql={sql} marks={marks} />
          {'\n'}
        </pre>
        <textarea
          ref={area}
          aria-label={text.editor}
          aria-describedby={`${id}-hint`}
          aria-invalid={errors.length > 0 || undefined}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          rows={Math.min(Math.max(sql.split('\n').length + 1, 4), 24)}
          value={sql}
          onScroll={(event) => {
            if (!back.current) return;
            back.current.scrollTop = event.currentTarget.scrollTop;
            back.current.scrollLeft = event.currentTarget.scrollLeft;
          }}
          onChange={(event) => {
            const typed = event.target.value;
            change((before) => ({ ...before, sql: typed }), 'sql');
          }}
        />
      </div>
      {draft.sql !== null && (
        <>
          <div role="status" aria-label={text.errors}>
            {problems.length > 0 ? (
              <ul className="rb-sql-problems">
                {problems.map((problem, index) => (
                  <li key={index} className={index < errors.length ? 'rb-bad' : undefined}>
                    {problem.position !== undefined && (
                      <>
                        <PlaceButton sql={sql} position={problem.position} onShow={showPosition} />{' '}
                      </>
                    )}
                    {problem.message} {problem.hint}
                  </li>
                ))}
              </ul>
            ) : (
              checked?.valid && <p className="k-soft">{text.valid}</p>
            )}
          </div>
          <label htmlFor={`${id}-words`} className="k-label">
            {text.words}
          </label>
          <textarea
            id={`${id}-words`}
            className="k-input rb-words"
            rows={2}
            maxLength={4000}
            aria-describedby={`${id}-words-hint`}
            value={draft.sqlDescription}
            onChange={(event) => {
              const sqlDescription = event.target.value;
              change((before) => ({ ...before, sqlDescription }), 'words');
            }}
          />
          <p className="k-soft" id={`${id}-words-hint`}>
            {text.wordsHint}
          </p>
        </>
      )}
    </details>
  );
}

function problemsOnRows(problem: ProblemLike): Validation['errors'] {
  return problem.errors?.length
    ? problem.errors.map(({ message, hint, position }) => ({
        message,
        ...(hint ? { hint } : {}),
        ...(position === undefined ? {} : { position }),
      }))
    : [{ message: problem.detail }];
}

function PlaceButton({ sql, position, onShow }: { sql: string; position: number; onShow(position: number): void }) {
  const { line, column } = placeInSql(sql, position);
  return (
    <Button tone="quiet" small aria-label={`${text.goTo}: ${text.at(line, column)}`} onClick={() => onShow(position)}>
      {text.at(line, column)}
    </Button>
  );
}

/** SQL in colours; a token in which a problem begins is marked. */
function Highlighted({ sql, marks }: { sql: string; marks: readonly number[] }) {
  let start = 0;
  return sqlTokens(sql).map((token, index) => {
    const from = start;
    start += token.text.length;
    const marked = marks.some((mark) => mark >= from && mark < start);
    return (
      <span key={index} className={`rb-token-${token.kind}${marked ? ' rb-token-marked' : ''}`}>
        {token.text}
      </span>
    );
  });
}
