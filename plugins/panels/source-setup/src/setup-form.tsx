import type { ConnectorInfo, RowsPage, Source, SourceDraft, TableRef } from '@kalla/core';
import { usePanelHost, type SourceSetupProps } from '@kalla/core/panel';
import { faultsOf, settingsToSend, type Settings, type SettingsSchema } from '@kalla/ui';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ConnectionStep } from './connection-step.tsx';
import { faultSentences, fieldErrors } from './faults.ts';
import { focusFirst } from './focus-first.ts';
import { HandOver } from './hand-over.tsx';
import { KeyStep } from './key-step.tsx';
import { messages } from './messages.ts';
import { RowsStep } from './rows-step.tsx';
import { SaveStep } from './save-step.tsx';
import { TableStep } from './table-step.tsx';
import { useAlias } from './use-alias.ts';
import { useCall } from './use-call.ts';
import { useCheck } from './use-check.ts';
import { useKey } from './use-key.ts';
import { useSave } from './use-save.ts';

export interface SetupFormProps {
  connector: ConnectorInfo;
  ConnectorForm: SourceSetupProps['ConnectorForm'];
  /** The source that is changed; absent for a new one. */
  source?: Source;
  initialSettings: Settings;
  initialTable: string | null;
  /** The settings were read from an address. */
  pasted?: boolean;
  onBack?: () => void;
}

const nothingStored: readonly string[] = [];

/** Connection, table, rows, key and name of a source, each shown when what it needs is known. */
export function SetupForm(props: SetupFormProps) {
  const { connector, source, initialSettings, initialTable, pasted, onBack, ConnectorForm } = props;
  const { navigate } = usePanelHost();
  const schema = connector.config_schema as SettingsSchema;
  const stored = source?.secrets_set ?? nothingStored;
  const [settings, setSettings] = useState(initialSettings);
  const [checked, setChecked] = useState<Settings | null>(null);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const { check, run, stop } = useCheck();
  const [table, setTable] = useState(initialTable);
  /** The source has one table only, which needs no name. A database without a table was filled in through a link. */
  const [single, setSingle] = useState(source !== undefined && source.table === null && connector.kind === 'file');

  const stale = settings !== checked;
  const ready = check.state === 'passed' && !stale;
  const hasTable = table !== null || single;
  /** What was checked, with which the rest is looked at. */
  const draft = useMemo(
    () => draftOf(connector, schema, checked ?? {}, stored, source),
    [connector, schema, checked, stored, source],
  );
  const tableDraft = useMemo<SourceDraft>(() => ({ ...draft, ...(table === null ? {} : { table }) }), [draft, table]);
  const rows = useCall<RowsPage>();
  const key = useKey(tableDraft, ready && hasTable, source?.primary_key ?? []);
  const alias = useAlias(source, connector, settings, table, hasTable);
  const save = useSave(source);

  async function checkNow() {
    const faults = faultSentences(faultsOf(schema, settings, stored), schema);
    setErrors(faults);
    if (focusFirst(faults)) return;
    setChecked(settings);
    const done = await run({ source: draftOf(connector, schema, settings, stored, source) });
    if (!done.problem) return;
    const found = fieldErrors(done.problem, schema);
    setErrors(found);
    focusFirst(found);
  }
  // A source that exists is looked at as soon as it is opened, so that what is wrong with it shows before it is changed.
  const opened = useRef(false);
  useEffect(() => {
    if (source && !opened.current) void checkNow();
    opened.current = true;
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  // Who came here by a button stands at the start of what the button opened.
  useEffect(() => {
    if (!source) document.getElementById('ss-connection-title')?.focus();
  }, [source]);

  function choose(next: TableRef) {
    if (next.id === table) return;
    setSingle(false);
    setTable(next.id);
    key.forget();
  }
  function only(next: TableRef) {
    // A file is its own table; the one table of a database is named all the same.
    if (next.kind === 'file') setSingle(true);
    else if (table === null) choose(next);
  }
  async function saveNow() {
    if (!alias.check() || obstacle !== null) return;
    const faults = faultSentences(faultsOf(schema, settings, stored), schema);
    setErrors(faults);
    if (focusFirst(faults)) return;
    const problem = await save.run({
      alias: alias.value,
      type: connector.type,
      config: settingsToSend(schema, settings, stored),
      ...(table === null ? {} : { table }),
      ...(key.columns.length > 0 ? { primary_key: key.columns } : {}),
    });
    if (!problem) return;
    const found = fieldErrors(problem, schema);
    setErrors(found);
    if (!focusFirst(found) && problem.errors?.some((one) => one.field === 'alias')) alias.refuse(problem.detail);
  }

  const obstacle = !hasTable
    ? messages.chooseTableFirst
    : key.columns.length > 0
      ? null
      : key.proof.state === 'busy'
        ? messages.waitForKey
        : messages.noKey;
  const showTables = ready && !(single && table === null);
  return (
    <div className="ss">
      <ConnectionStep
        connector={connector}
        ConnectorForm={ConnectorForm}
        settings={settings}
        stored={stored}
        errors={errors}
        check={check}
        stale={stale}
        hint={pasted && check.state === 'idle' ? messages.filled : null}
        onSettings={setSettings}
        onCheck={() => void checkNow()}
        onStop={stop}
        onBack={onBack}
      />
      <HandOver connector={connector} source={source} />
      {showTables && <TableStep draft={draft} chosen={table} onChoose={choose} onOnly={only} />}
      {ready && hasTable && (
        <>
          <RowsStep
            draft={tableDraft}
            keyColumns={key.columns}
            rows={rows}
            onAgain={() => (key.columns.length > 0 ? key.choose([...key.columns]) : key.propose())}
          />
          <KeyStep
            columns={rows.call.state === 'done' ? (rows.call.value.all_columns ?? rows.call.value.columns) : []}
            chosen={key.columns}
            proof={key.proof}
            onChange={key.choose}
            onPropose={key.propose}
            onStop={key.stop}
          />
        </>
      )}
      {(source || (ready && hasTable)) && (
        <SaveStep
          alias={source ? null : alias.value}
          aliasError={alias.error}
          obstacle={obstacle}
          caution={ready ? null : messages.notChecked}
          busy={save.busy}
          problem={save.problem}
          onAlias={alias.type}
          onSave={() => void saveNow()}
          onCancel={() => navigate('/sources')}
        />
      )}
    </div>
  );
}

function draftOf(
  connector: ConnectorInfo,
  schema: SettingsSchema,
  settings: Settings,
  stored: readonly string[],
  source: Source | undefined,
): SourceDraft {
  const config = settingsToSend(schema, settings, stored);
  return { type: connector.type, config, ...(source ? { alias: source.alias } : {}) };
}
