import type { ConnectorInfo } from '@kalla/core';
import { Button, ProblemNotice } from '@kalla/ui';
import { useRef, useState } from 'react';
import { useRevalidator } from 'react-router';
import type { Route } from './+types/connectors';
import { messages } from '../messages.ts';
import { ConnectorCard, packagesOf } from './connector-card.tsx';
import { FindConnectors } from './find-connectors.tsx';
import { InstallForm } from './install-form.tsx';
import { InstallProgress } from './install-progress.tsx';
import { readApi } from './load.server.ts';
import { useInstall } from './use-install.ts';

const text = messages.connectors;

export async function loader({ request }: Route.LoaderArgs) {
  return readApi<{ connectors: ConnectorInfo[]; problem: string | null }>(request, '/api/connectors');
}

export const meta: Route.MetaFunction = () => [{ title: `${text.title} · ${messages.appName}` }];

/** What is installed, and the ways to install, change and remove it. */
export default function Connectors({ loaderData }: Route.ComponentProps) {
  const { state, install, installFile, cancel } = useInstall();
  const [name, setName] = useState('');
  const version = useRef<HTMLInputElement>(null);
  const progress = useRef<HTMLElement>(null);
  const { revalidate, state: reading } = useRevalidator();
  const { problem } = loaderData;
  const packages = packagesOf(loaderData.connectors);

  /** Another version of what is there: its name is filled in, the version is asked for. */
  function change(packageName: string) {
    setName(packageName);
    version.current?.focus();
  }
  return (
    <div className="page narrow">
      <div className="page-head">
        <h1>{text.title}</h1>
        <p>{text.intro}</p>
      </div>
      <section className="k-notice k-notice-warn" aria-labelledby="connectors-warning">
        <h2 id="connectors-warning" className="k-notice-title">
          {text.warningTitle}
        </h2>
        <p>{text.warning}</p>
      </section>

      {problem !== null && (
        <div className="connectors-part">
          <ProblemNotice title={text.damagedTitle} problem={{ detail: problem }}>
            <Button busy={reading === 'loading'} onClick={() => void revalidate()}>
              {text.lookAgain}
            </Button>
          </ProblemNotice>
        </div>
      )}

      <section className="connectors-part" aria-labelledby="connectors-here">
        <h2 id="connectors-here">{text.here}</h2>
        <ul className="connectors">
          {packages.map((one) => (
            <ConnectorCard key={one.name} item={one} onChange={() => change(one.name)} />
          ))}
        </ul>
      </section>

      {/* Nothing can be installed while nobody can say what is. */}
      {problem === null && (
        <>
          <section ref={progress} className="connectors-part" aria-labelledby="connectors-install">
            <h2 id="connectors-install">{text.install}</h2>
            <InstallForm
              name={name}
              onName={setName}
              versionInput={version}
              busy={state.what === 'running'}
              onInstall={(chosen) => void install(chosen)}
              onFile={(file) => void installFile(file)}
            />
            <InstallProgress state={state} onCancel={cancel} />
          </section>

          <section className="connectors-part" aria-labelledby="connectors-find">
            <h2 id="connectors-find">{text.find}</h2>
            <FindConnectors
              installed={packages}
              busy={state.what === 'running'}
              onInstall={(chosen) => {
                // What it does is shown above the list that the button is in.
                progress.current?.scrollIntoView({ block: 'end' });
                setName(chosen.package);
                void install(chosen);
              }}
            />
          </section>
        </>
      )}
    </div>
  );
}
