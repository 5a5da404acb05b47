import type { Run } from '@kalla/core';
import type { RunViewProps } from '@kalla/core/panel';
import { Link } from 'react-router';
import type { Route } from './+types/run';
import { panelFor } from '../federation/panel-registry.server.ts';
import { PanelSlot } from '../federation/panel-slot.tsx';
import { messages } from '../messages.ts';
import { readApi } from './load.server.ts';

export async function loader({ request, params }: Route.LoaderArgs) {
  const run = await readApi<Run>(request, `/api/runs/${encodeURIComponent(params.id)}`);
  return { run, panel: panelFor('run.view') };
}

/** The panel follows the run by itself; going from tab to tab in it must not load the page's data again. */
export function shouldRevalidate({
  currentParams,
  nextParams,
}: {
  currentParams: { id?: string };
  nextParams: { id?: string };
}) {
  return currentParams.id !== nextParams.id;
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  {
    title: `${loaderData ? messages.run.title(loaderData.run.recipe_name) : messages.runs.title} · ${messages.appName}`,
  },
];

export default function RunPage({ loaderData }: Route.ComponentProps) {
  const { run, panel } = loaderData;
  return (
    <div className="page">
      <div className="page-head">
        <h1>{run.recipe_name}</h1>
        <p>
          <Link to="/runs">{messages.runs.title}</Link> · {messages.run.version(run.recipe_version)}
        </p>
      </div>
      {panel ? (
        <PanelSlot<RunViewProps> key={run.run_id} entry={panel} props={{ runId: run.run_id, initialRun: run }} />
      ) : (
        <p role="alert">{messages.run.noPanel}</p>
      )}
    </div>
  );
}
