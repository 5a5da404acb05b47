import type { ConnectorInfo } from '@kalla/core';
import type { SourceSetupProps } from '@kalla/core/panel';
import { Button, CheckSteps, ProblemNotice, SchemaForm, type Settings, type SettingsSchema } from '@kalla/ui';
import type { ReactNode } from 'react';
import { messages } from './messages.ts';
import type { Check } from './use-check.ts';

export const formId = 'ss-settings';

export interface ConnectionStepProps {
  connector: ConnectorInfo;
  settings: Settings;
  stored: readonly string[];
  errors: Readonly<Record<string, string>>;
  check: Check;
  /** The settings are other ones than those that were checked. */
  stale: boolean;
  /** What to do first. */
  hint: string | null;
  onSettings(settings: Settings): void;
  onCheck(): void;
  onStop(): void;
  /** What stands below the check, such as the button that saves. */
  children?: ReactNode;
  /** Shows the form that the connector brings, where it brings one. */
  ConnectorForm: SourceSetupProps['ConnectorForm'];
  /** Goes back to the choice; absent for a source that exists. */
  onBack?: (() => void) | undefined;
}

/** The settings of the connection, and its check with the cause and the next action where a step fails. */
export function ConnectionStep(props: ConnectionStepProps) {
  const { connector, settings, stored, errors, check, stale, hint, onSettings, onCheck, onStop, onBack, children } =
    props;
  const { ConnectorForm } = props;
  const running = check.state === 'running';
  const plainForm = (
    <SchemaForm
      id={formId}
      schema={connector.config_schema as SettingsSchema}
      value={settings}
      onChange={onSettings}
      stored={stored}
      errors={errors}
    />
  );
  const title = connector.kind === 'file' ? messages.fileTitle : messages.connectionTitle;
  return (
    <section className="k-card ss-connection" aria-labelledby="ss-connection-title">
      <div className="ss-head">
        <h2 id="ss-connection-title" tabIndex={-1}>
          {title(connector.title)}
        </h2>
        {onBack && (
          <Button tone="quiet" small onClick={onBack}>
            {messages.chooseOther}
          </Button>
        )}
      </div>
      <div className="ss-columns">
        <form
          autoComplete="off"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (!running) onCheck();
          }}
        >
          {ConnectorForm ? (
            <ConnectorForm
              connector={connector}
              settings={{
                id: formId,
                config: settings,
                secretsSet: stored,
                errors,
                schema: connector.config_schema,
                busy: running,
                onChange: onSettings,
                submit: () => {
                  if (!running) onCheck();
                },
              }}
            >
              {plainForm}
            </ConnectorForm>
          ) : (
            plainForm
          )}
          <div className="ss-actions">
            <Button type="submit" tone={check.state === 'passed' && !stale ? 'plain' : 'primary'} busy={running}>
              {running ? messages.checking : check.state === 'idle' ? messages.check : messages.checkAgain}
            </Button>
            {running && <Button onClick={onStop}>{messages.stop}</Button>}
          </div>
        </form>
        <div className="ss-check">
          {hint && <p role="status">{hint}</p>}
          {check.state !== 'idle' && !check.problem && (
            <CheckSteps label={messages.stepsLabel} steps={check.steps} running={running} />
          )}
          {check.problem &&
            (Object.keys(errors).length > 0 ? (
              <p role="status">{messages.lookAtFields}</p>
            ) : (
              <ProblemNotice title={messages.checkFailed} problem={{ detail: check.problem.detail }} />
            ))}
          {/* A form that the connector brings may not show them. */}
          {connector.panel && <FaultList errors={errors} />}
          {check.state === 'stopped' && <p role="status">{messages.stopped}</p>}
          {stale && check.state !== 'idle' && !running && <p className="k-soft">{messages.changedSince}</p>}
        </div>
      </div>
      {children}
    </section>
  );
}

function FaultList({ errors }: { errors: Readonly<Record<string, string>> }) {
  const sentences = Object.values(errors);
  if (sentences.length === 0) return null;
  return (
    <ul className="ss-faults" aria-label={messages.faultsLabel}>
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
