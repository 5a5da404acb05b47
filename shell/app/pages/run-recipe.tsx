import type { RecipeSource, StoredRecipe } from '@kalla/core';
import { Button, notify } from '@kalla/ui';
import { useCallback, useState } from 'react';
import { useNavigate } from 'react-router';
import type { Route } from './+types/run-recipe';
import { messages } from '../messages.ts';
import { FileSide } from './file-side.tsx';
import { readApi } from './load.server.ts';
import { isFile, needsFiles, sides, type Side } from './recipe-sides.ts';
import { SourceEstimateLine } from './source-estimate-line.tsx';
import { startRun } from './start-run.ts';
import { useDropGuard } from './use-drop-guard.ts';

const text = messages.start;

export async function loader({ request, params }: Route.LoaderArgs) {
  return { recipe: await readApi<StoredRecipe>(request, `/api/recipes/${encodeURIComponent(params.id)}`) };
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `${loaderData ? text.title(loaderData.recipe.name) : messages.home.title} · ${messages.appName}` },
];

export default function RunRecipe({ loaderData }: Route.ComponentProps) {
  const { recipe } = loaderData;
  const navigate = useNavigate();
  const [uploads, setUploads] = useState<Partial<Record<Side, string | null>>>({});
  const [starting, setStarting] = useState(false);
  useDropGuard(text.dropOnSide);
  const asked = sides.filter((side) => isFile(recipe.sources[side]));
  const ready = asked.every((side) => uploads[side]);
  const setUpload = useCallback((side: Side, id: string | null) => setUploads((all) => ({ ...all, [side]: id })), []);

  async function start() {
    setStarting(true);
    const files = Object.fromEntries(asked.map((side) => [recipe.sources[side].alias, uploads[side] ?? '']));
    try {
      await navigate(await startRun(recipe.recipe_id, files));
    } catch (error) {
      setStarting(false);
      notify('error', (error as Error).message);
    }
  }

  return (
    <div className="page">
      <div className="page-head">
        <h1>{text.title(recipe.name)}</h1>
        <p>{needsFiles(recipe) ? text.intro : text.introNoFiles}</p>
      </div>
      <div className="sides">
        {sides.map((side) => (
          <section key={side} className="k-card side" aria-labelledby={`side-${side}`}>
            <SideHead side={side} source={recipe.sources[side]} />
            {isFile(recipe.sources[side]) ? (
              <FileSide source={recipe.sources[side]} onReady={(id) => setUpload(side, id)} />
            ) : (
              <div>
                <p>{recipe.sources[side].type ? text.persistent(recipe.sources[side].type) : text.registered}</p>
                {recipe.sources[side].uri === undefined && <SourceEstimateLine alias={recipe.sources[side].alias} />}
              </div>
            )}
          </section>
        ))}
      </div>
      <div className="actions start">
        <Button
          tone="primary"
          disabled={!ready}
          busy={starting}
          aria-describedby="start-hint"
          onClick={() => void start()}
        >
          {starting ? text.starting : text.start}
        </Button>
        <span id="start-hint" className="k-soft">
          {ready ? '' : text.notYet}
        </span>
      </div>
    </div>
  );
}

function SideHead({ side, source }: { side: Side; source: RecipeSource }) {
  return (
    <div>
      <div className="side-head">
        <h2 id={`side-${side}`}>{source.alias}</h2>
        <span className="k-soft">{text[side]}</span>
      </div>
      {source.schema && (
        <>
          <p className="k-soft">{text.needs}</p>
          <ul className="column-names">
            {source.schema.map((name) => (
              <li key={name}>
                <code>{name}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
