import type { StoredRecipe } from '@kalla/core';
import type { RecipeBuildProps } from '@kalla/core/panel';
import { useEffect, useState } from 'react';
import type { Route } from './+types/recipe-new';
import { fetchContracts } from '../federation/fetch-contracts.ts';
import { panelFor } from '../federation/panel-registry.server.ts';
import { PanelSlot } from '../federation/panel-slot.tsx';
import { messages } from '../messages.ts';
import { leaveFiles, waitingFiles } from './dropped-files.ts';
import { readApi } from './load.server.ts';

const text = messages.recipe;
fetchContracts();

/** `?from=ID` begins with a copy of that recipe. */
export async function loader({ request }: Route.LoaderArgs) {
  const from = new URL(request.url).searchParams.get('from');
  const copyOf = from ? await readApi<StoredRecipe>(request, `/api/recipes/${encodeURIComponent(from)}`) : null;
  return { copyOf, panel: panelFor('recipe.build') };
}

export const meta: Route.MetaFunction = () => [{ title: `${text.newTitle} · ${messages.appName}` }];

export default function NewRecipe({ loaderData }: Route.ComponentProps) {
  const { copyOf, panel } = loaderData;
  const [files] = useState(waitingFiles);
  useEffect(() => leaveFiles([]), []);
  return (
    <div className="page">
      <div className="page-head">
        <h1>{copyOf ? text.copyTitle(copyOf.name) : text.newTitle}</h1>
        <p>{text.newIntro}</p>
      </div>
      {panel ? (
        <PanelSlot<RecipeBuildProps>
          key={copyOf?.recipe_id ?? 'new'}
          entry={panel}
          props={{ ...(copyOf ? { copyOf } : {}), ...(files.length > 0 ? { files } : {}) }}
        />
      ) : (
        <p role="alert">{text.noPanel}</p>
      )}
    </div>
  );
}
