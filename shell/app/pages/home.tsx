import type { Run, StoredRecipe } from '@kalla/core';
import {
  Bar,
  Button,
  buttonClass,
  DateTime,
  EmptyState,
  FilesDrop,
  formatCount,
  formatShare,
  notify,
  StatusBadge,
  useLocale,
} from '@kalla/ui';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import type { Route } from './+types/home';
import { messages } from '../messages.ts';
import { leaveFiles } from './dropped-files.ts';
import { readApi } from './load.server.ts';
import { RecipeActions } from './recipe-actions.tsx';
import { needsFiles } from './recipe-sides.ts';
import { startRun } from './start-run.ts';

export async function loader({ request }: Route.LoaderArgs) {
  const cursor = new URL(request.url).searchParams.get('cursor');
  const search = new URLSearchParams(cursor ? { cursor } : {});
  const { recipes, next } = await readApi<{ recipes: StoredRecipe[]; next: string | null }>(
    request,
    `/api/recipes?${search}`,
  );
  const lastRuns = await Promise.all(
    recipes.map(async ({ recipe_id }) => {
      const search = new URLSearchParams({ recipe_id, limit: '1' });
      const { runs } = await readApi<{ runs: Run[] }>(request, `/api/runs?${search}`);
      return runs[0] ?? null;
    }),
  );
  return { recipes: recipes.map((recipe, index) => ({ recipe, last: lastRuns[index] ?? null })), next, cursor };
}

export const meta: Route.MetaFunction = () => [{ title: `${messages.home.title} · ${messages.appName}` }];

export default function Home({ loaderData }: Route.ComponentProps) {
  const { recipes, next, cursor } = loaderData;
  const text = messages.home;
  return (
    <div className="page">
      <div className="page-head">
        <h1>{text.title}</h1>
        <p>{text.intro}</p>
        <Link className={buttonClass('primary')} to="/recipes/new">
          {text.newRecipe}
        </Link>
      </div>
      <NewFromFiles />
      {recipes.length === 0 ? (
        <EmptyState title={text.emptyTitle}>
          <p>{text.empty}</p>
        </EmptyState>
      ) : (
        <ul className="recipes">
          {recipes.map(({ recipe, last }) => (
            <li key={recipe.recipe_id} className="k-card recipe">
              <div>
                <h2>{recipe.name}</h2>
                <p>{recipe.description || recipe.match_description}</p>
                <span className="k-soft recipe-sources">
                  {text.sources(recipe.sources.left.alias, recipe.sources.right.alias)}
                </span>
              </div>
              {last ? <LastRun run={last} recipe={recipe} /> : <p className="k-soft">{text.neverRun}</p>}
              <RunButton recipe={recipe} />
              <RecipeActions recipe={recipe} on="list" />
            </li>
          ))}
        </ul>
      )}
      {(next ?? cursor) && (
        <div className="pager">
          {cursor && <Link to="/">{text.newest}</Link>}
          {next && <Link to={`/?${new URLSearchParams({ cursor: next })}`}>{text.older}</Link>}
        </div>
      )}
    </div>
  );
}

/** Two files dropped anywhere on the page begin a new recipe. */
function NewFromFiles() {
  const text = messages.home;
  const navigate = useNavigate();
  return (
    <div className="new-from-files">
      <FilesDrop
        label={text.dropLabel}
        most={2}
        onRefuse={(sentence) => notify('error', sentence)}
        onFiles={(files) => {
          leaveFiles(files);
          void navigate('/recipes/new');
        }}
      >
        <p className="k-soft">{text.dropHint}</p>
      </FilesDrop>
    </div>
  );
}

function LastRun({ run, recipe }: { run: Run; recipe: StoredRecipe }) {
  const text = messages.home;
  const locale = useLocale();
  const { counts } = run;
  return (
    <div className="recipe-last">
      <div className="recipe-last-head">
        <StatusBadge status={run.status} />
        <Link to={`/runs/${run.run_id}`} aria-label={text.openLast(recipe.name)}>
          {text.lastRun}
        </Link>
        <span className="k-soft">
          <DateTime iso={run.created_at} />
        </span>
      </div>
      {counts && (
        <>
          <Bar
            label={text.matchedOf(
              formatShare(counts.matched_left_rows + counts.matched_right_rows, counts.left + counts.right, locale),
            )}
            total={counts.left + counts.right}
            segments={[
              { id: 'matched', value: counts.matched_left_rows + counts.matched_right_rows, tone: 'matched' },
              { id: 'left', value: counts.unmatched_left, tone: 'left' },
              { id: 'right', value: counts.unmatched_right, tone: 'right' },
            ]}
          />
          <span className="k-number-text" suppressHydrationWarning>
            {text.matchedOf(
              formatShare(counts.matched_left_rows + counts.matched_right_rows, counts.left + counts.right, locale),
            )}
            .{' '}
            {text.unmatched(
              formatCount(counts.unmatched_left, locale),
              recipe.sources.left.alias,
              formatCount(counts.unmatched_right, locale),
              recipe.sources.right.alias,
            )}
            .
          </span>
        </>
      )}
      {run.error && <span>{run.error.detail}</span>}
    </div>
  );
}

function RunButton({ recipe }: { recipe: StoredRecipe }) {
  const text = messages.home;
  const navigate = useNavigate();
  const [starting, setStarting] = useState(false);
  if (needsFiles(recipe)) {
    return (
      <Link
        className={buttonClass('primary')}
        to={`/recipes/${encodeURIComponent(recipe.recipe_id)}/run`}
        aria-label={text.runNamedWithFiles(recipe.name)}
      >
        {text.runWithFiles}
      </Link>
    );
  }
  return (
    <Button
      tone="primary"
      busy={starting}
      aria-label={text.runNamed(recipe.name)}
      onClick={() => {
        setStarting(true);
        startRun(recipe.recipe_id).then(navigate, (error: Error) => {
          setStarting(false);
          notify('error', error.message);
        });
      }}
    >
      {starting ? text.starting : text.run}
    </Button>
  );
}
