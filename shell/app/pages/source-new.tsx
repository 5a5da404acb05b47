import type { SourceSetupProps } from '@kalla/core/panel';
import { Link, useNavigate } from 'react-router';
import type { Route } from './+types/source-new';
import { ConnectorForm } from '../federation/connector-form.tsx';
import { panelFor } from '../federation/panel-registry.server.ts';
import { PanelSlot } from '../federation/panel-slot.tsx';
import { messages } from '../messages.ts';
import { leaveFiles } from './dropped-files.ts';

const text = messages.sources;

export function loader() {
  return { panel: panelFor('source.setup') };
}

export const meta: Route.MetaFunction = () => [{ title: `${text.newTitle} · ${messages.appName}` }];

export default function NewSource({ loaderData }: Route.ComponentProps) {
  const { panel } = loaderData;
  const navigate = useNavigate();
  return (
    <div className="page">
      <div className="page-head">
        <h1>{text.newTitle}</h1>
        <p>
          <Link to="/sources">{text.title}</Link> · {text.newIntro}
        </p>
      </div>
      {panel ? (
        <PanelSlot<SourceSetupProps>
          entry={panel}
          props={{
            ConnectorForm,
            onLocalFiles: (files) => {
              leaveFiles(files);
              void navigate('/recipes/new');
            },
          }}
        />
      ) : (
        <p role="alert">{text.noPanel}</p>
      )}
    </div>
  );
}
