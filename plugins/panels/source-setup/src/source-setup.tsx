import type { ConnectorInfo, ReadAddress } from '@kalla/core';
import { usePanelHost, type SourceSetupProps } from '@kalla/core/panel';
import { Button, initialSettings, ProblemNotice, Skeleton, type Settings, type SettingsSchema } from '@kalla/ui';
import { useCallback, useEffect, useState } from 'react';
import { ChooseSource } from './choose-source.tsx';
import { HandedOver } from './handed-over.tsx';
import { messages } from './messages.ts';
import { SetupForm } from './setup-form.tsx';
import './source-setup.css';
import { useCall } from './use-call.ts';

/** The panel API this panel was written for. */
export const apiVersion = 1;

interface Begun {
  connector: ConnectorInfo;
  settings: Settings;
  table: string | null;
  pasted: boolean;
}

/** Sets a source up, or shows the one form that a link hands over. */
export default function SourceSetup({ handover, ...props }: SourceSetupProps) {
  return handover === undefined ? (
    <WholeSetup {...props} />
  ) : (
    <HandedOver token={handover} ConnectorForm={props.ConnectorForm} />
  );
}

/** What it is, how it is reached, which table, what tells its rows apart, what it is called. */
function WholeSetup({ source, onLocalFiles, ConnectorForm }: SourceSetupProps) {
  const { api } = usePanelHost();
  const { call, start } = useCall<readonly ConnectorInfo[]>();
  const [begun, setBegun] = useState<Begun | null>(null);
  const load = useCallback(
    () =>
      start(async (signal) => {
        const path = '/api/connectors';
        return (await api.request<{ connectors: ConnectorInfo[] }>('GET', path, undefined, signal)).connectors;
      }),
    [api, start],
  );
  useEffect(load, [load]);

  if (call.state === 'failed') {
    return (
      <ProblemNotice title={messages.loadFailed} problem={{ detail: call.problem.detail }}>
        <Button small onClick={load}>
          {messages.tryAgain}
        </Button>
      </ProblemNotice>
    );
  }
  if (call.state !== 'done') return <Skeleton lines={6} />;
  const connectors = call.value;

  function begin(connector: ConnectorInfo, settings: Settings = {}, table: string | null = null, pasted = false) {
    const schema = connector.config_schema as SettingsSchema;
    setBegun({ connector, settings: { ...initialSettings(schema), ...settings }, table, pasted });
  }
  function fromAddress(found: ReadAddress) {
    const connector = connectors.find((one) => one.type === found.type);
    if (!connector) return;
    begin(connector, found.config, found.table, true);
  }

  if (source) {
    const connector = connectors.find((one) => one.type === source.type && one.error === null);
    if (!connector) {
      const broken = connectors.find((one) => one.type === source.type)?.error;
      return <ProblemNotice problem={{ detail: messages.connectorGone(source.type, broken ?? null) }} />;
    }
    return (
      <SetupForm
        connector={connector}
        ConnectorForm={ConnectorForm}
        source={source}
        initialSettings={{ ...initialSettings(connector.config_schema as SettingsSchema), ...source.config }}
        initialTable={source.table}
      />
    );
  }
  return begun ? (
    <SetupForm
      key={begun.connector.type}
      connector={begun.connector}
      ConnectorForm={ConnectorForm}
      initialSettings={begun.settings}
      initialTable={begun.table}
      pasted={begun.pasted}
      onBack={() => setBegun(null)}
    />
  ) : (
    <ChooseSource
      connectors={connectors}
      onConnector={(connector) => begin(connector)}
      onAddress={fromAddress}
      onLocalFiles={onLocalFiles}
    />
  );
}
