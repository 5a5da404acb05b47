import type { StoredRecipe } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Badge, Button, DateTime, ProblemNotice, Skeleton } from '@kalla/ui';
import { useEffect, useRef, useState } from 'react';
import { draftOfRecipe, type Draft } from './draft.ts';
import type { DiffLine } from './line-diff.ts';
import { messages } from './messages.ts';
import { useTheBuilder } from './use-builder.ts';
import { useLatest } from './use-latest.ts';
import { versionChanges } from './version-changes.ts';

const text = messages.history;

/** All versions of the recipe, what changed from one to the next, and the way back. */
export function History({ recipeId, version }: { recipeId: string; version: number }) {
  const { api } = usePanelHost();
  const wanted = new URLSearchParams(window.location.search).get('show') === 'history';
  const [open, setOpen] = useState(wanted);
  const element = useRef<HTMLDetailsElement>(null);
  const question = open ? JSON.stringify([recipeId, version]) : null;
  const { value, busy, problem } = useLatest(question, 0, (_question, signal) =>
    api.request<{ versions: StoredRecipe[] }>(
      'GET',
      `/api/recipes/${encodeURIComponent(recipeId)}/versions`,
      undefined,
      signal,
    ),
  );
  const arrived = value !== null;
  useEffect(() => {
    if (wanted && arrived) element.current?.scrollIntoView({ block: 'start' });
  }, [wanted, arrived]);

  return (
    <details
      ref={element}
      className="k-card rb-history"
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <h2>{text.title}</h2>
      </summary>
      {problem && <ProblemNotice title={text.failed} problem={problem} />}
      {busy && !value && <Skeleton lines={4} />}
      {value && (
        <ol className="rb-versions">
          {value.versions.map((one, index) => (
            <Version key={one.version} recipe={one} before={value.versions[index + 1]} current={index === 0} />
          ))}
        </ol>
      )}
    </details>
  );
}

function Version({
  recipe,
  before,
  current,
}: {
  recipe: StoredRecipe;
  before: StoredRecipe | undefined;
  current: boolean;
}) {
  const { change } = useTheBuilder();
  const { notify } = usePanelHost();
  const changes = before ? versionChanges(before, recipe) : null;
  return (
    <li>
      <h3>
        {text.version(recipe.version)} {current && <Badge tone="good">{text.current}</Badge>}{' '}
        <span className="k-soft rb-version-time">
          <DateTime iso={recipe.updated_at} />
        </span>
      </h3>
      {changes ? (
        <>
          <ul>
            {changes.sentences.map((sentence, index) => (
              <li key={index}>{sentence}</li>
            ))}
          </ul>
          {changes.sql && <SqlDiff lines={changes.sql} />}
        </>
      ) : (
        <>
          <p>{text.first}</p>
          <p className="k-soft">{recipe.match_description}</p>
        </>
      )}
      {!current && (
        <Button
          small
          aria-label={text.restoreNamed(recipe.version)}
          onClick={() => {
            change((draft) => restored(draft, recipe));
            notify('info', text.restored(recipe.version));
          }}
        >
          {text.restore}
        </Button>
      )}
    </li>
  );
}

/** An earlier version in the editor, with the files that are at hand now. */
export function restored(draft: Draft, recipe: StoredRecipe): Draft {
  const uploads = [draft.sides.left, draft.sides.right].flatMap((side) =>
    side?.ref.kind === 'upload'
      ? [[side.alias, { uploadId: side.ref.uploadId, filename: side.ref.filename }] as const]
      : [],
  );
  return draftOfRecipe(recipe, Object.fromEntries(uploads));
}

function SqlDiff({ lines }: { lines: readonly DiffLine[] }) {
  return (
    <details>
      <summary>{text.sql}</summary>
      <pre className="rb-diff" tabIndex={0} role="group" aria-label={text.sql}>
        {lines.map((line, index) => (
          <span key={index} className={`rb-diff-${line.kind}`}>
            <span className="k-visually-hidden">{text.line[line.kind]}</span>
            <span aria-hidden="true">{{ same: '  ', added: '+ ', removed: '- ' }[line.kind]}</span>
            {line.text}
            {'\n'}
          </span>
        ))}
      </pre>
    </details>
  );
}
