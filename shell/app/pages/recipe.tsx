import type { Run, StoredRecipe } from '@kalla/core';
import type { RecipeBuildProps } from '@kalla/core/panel';
import { useNavigate } from 'react-router';
import type { Route } from './+types/recipe';
import { fetchContracts } from '../federation/fetch-contracts.ts';
import { panelFor } from '../federation/panel-registry.server.ts';
import { PanelSlot } from '../federation/panel-slot.tsx';
import { messages } from '../messages.ts';
import { readApi } from './load.server.ts';
import { RecipeActions } from './recipe-actions.tsx';

const text = messages.recipe;
fetchContracts();

export async function loader({ request, params }: Route.LoaderArgs) {
  const recipe = await readApi<StoredRecipe>(request, `/api/recipes/${encodeURIComponent(params.id)}`);
  const search = new URLSearchParams({ recipe_id: recipe.recipe_id, limit: '1' });
  const { runs } = await readApi<{ runs: Run[] }>(request, `/api/runs?${search}`);
  return { recipe, lastRun: runs[0] ?? null, panel: panelFor('recipe.build') };
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `${loaderData?.recipe.name ?? messages.home.title} · ${messages.appName}` },
];

export default function RecipePage({ loaderData }: Route.ComponentProps) {
  const { recipe, lastRun, panel } = loaderData;
  const navigate = useNavigate();
  return (
    <div className="page">
      <div className="page-head">
        <h1>{recipe.name}</h1>
        <p>{text.version(recipe.version)}</p>
        <RecipeActions recipe={recipe} on="page" onDeleted={() => void navigate('/')} />
      </div>
      {panel ? (
        <PanelSlot<RecipeBuildProps>
          key={recipe.recipe_id}
          entry={panel}
          props={{ recipe, ...(lastRun ? { lastRun } : {}) }}
        />
      ) : (
        <p role="alert">{text.noPanel}</p>
      )}
    </div>
  );
}
