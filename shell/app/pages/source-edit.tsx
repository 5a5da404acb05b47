import type { Source } from '@kalla/core';
import type { SourceSetupProps } from '@kalla/core/panel';
import { Link } from 'react-router';
import type { Route } from './+types/source-edit';
import { ConnectorForm } from '../federation/connector-form.tsx';
import { panelFor } from '../federation/panel-registry.server.ts';
import { PanelSlot } from '../federation/panel-slot.tsx';
import { messages } from '../messages.ts';
import { readApi } from './load.server.ts';

const text = messages.sources;

export async function loader({ request, params }: Route.LoaderArgs) {
  const source = await readApi<Source>(request, `/api/sources/${encodeURIComponent(params.alias)}`);
  return { source, panel: panelFor('source.setup') };
}

export const meta: Route.MetaFunction = ({ params }) => [
  { title: `${text.editTitle(params.alias)} · ${messages.appName}` },
];

export default function EditSource({ loaderData }: Route.ComponentProps) {
  const { source, panel } = loaderData;
  return (
    <div className="page">
      <div className="page-head">
        <h1>{source.alias}</h1>
        <p>
          <Link to="/sources">{text.title}</Link> · {text.editIntro}
        </p>
      </div>
      {panel ? (
        <PanelSlot<SourceSetupProps> key={source.alias} entry={panel} props={{ source, ConnectorForm }} />
      ) : (
        <p role="alert">{text.noPanel}</p>
      )}
    </div>
  );
}
