import type { Run, StoredRecipe } from '@kalla/core';
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

/** `?from=ID` begins with a copy of that recipe, and with the files of its newest run, to try a change on. */
export async function loader({ request }: Route.LoaderArgs) {
  const from = new URL(request.url).searchParams.get('from');
  const copyOf = from ? await readApi<StoredRecipe>(request, `/api/recipes/${encodeURIComponent(from)}`) : null;
  const search = new URLSearchParams({ recipe_id: from ?? '', limit: '1' });
  const { runs } = copyOf ? await readApi<{ runs: Run[] }>(request, `/api/runs?${search}`) : { runs: [] };
  return { copyOf, lastRun: runs[0] ?? null, panel: panelFor('recipe.build') };
}

export const meta: Route.MetaFunction = () => [{ title: `${text.newTitle} · ${messages.appName}` }];

export default function NewRecipe({ loaderData }: Route.ComponentProps) {
  const { copyOf, lastRun, panel } = loaderData;
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
          props={{
            ...(copyOf ? { copyOf } : {}),
            ...(lastRun ? { lastRun } : {}),
            ...(files.length > 0 ? { files } : {}),
          }}
        />
      ) : (
        <p role="alert">{text.noPanel}</p>
      )}
    </div>
  );
}
