import type { HandoverForm } from '@kalla/core';
import { usePanelHost, type SourceSetupProps } from '@kalla/core/panel';
import {
  Button,
  faultsOf,
  initialSettings,
  ProblemNotice,
  settingsToSend,
  Skeleton,
  type Settings,
  type SettingsSchema,
} from '@kalla/ui';
import { useEffect, useRef, useState } from 'react';
import { ConnectionStep } from './connection-step.tsx';
import { faultSentences, fieldErrors, problemOf, type Shown } from './faults.ts';
import { focusFirst } from './focus-first.ts';
import { messages } from './messages.ts';
import { useCall } from './use-call.ts';
import { useCheck } from './use-check.ts';
import { moment } from './moment.ts';

/** What a link shows to whom it was sent: the form of one source, its check, and the button that saves it and uses the link up. */
export function HandedOver({ token, ConnectorForm }: { token: string } & Pick<SourceSetupProps, 'ConnectorForm'>) {
  const { api } = usePanelHost();
  const { call, start } = useCall<HandoverForm>();
  useEffect(
    () => start((signal) => api.request<HandoverForm>('POST', '/api/handover', { token }, signal)),
    [api, start, token],
  );
  if (call.state === 'failed')
    return <ProblemNotice title={messages.handedClosed} problem={{ detail: call.problem.detail }} />;
  if (call.state !== 'done') return <Skeleton lines={6} />;
  return <Form token={token} form={call.value} ConnectorForm={ConnectorForm} />;
}

interface FormProps extends Pick<SourceSetupProps, 'ConnectorForm'> {
  token: string;
  form: HandoverForm;
}

function Form({ token, form, ConnectorForm }: FormProps) {
  const { api, locale } = usePanelHost();
  const { connector, alias, secrets_set: stored } = form;
  const schema = connector.config_schema as SettingsSchema;
  const [settings, setSettings] = useState<Settings>({ ...initialSettings(schema), ...form.config });
  const [checked, setChecked] = useState<Settings | null>(null);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Shown | null>(null);
  const [saved, setSaved] = useState(false);
  const { check, run, stop } = useCheck('/api/handover/check');
  const thanks = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (saved) thanks.current?.focus();
  }, [saved]);

  /** The body of both calls, or null where something is missing that the form itself knows of. */
  function toSend() {
    const faults = faultSentences(faultsOf(schema, settings, stored), schema);
    setErrors(faults);
    setProblem(null);
    return focusFirst(faults) ? null : { token, config: settingsToSend(schema, settings, stored) };
  }
  function show(found: Shown) {
    const marked = fieldErrors(found, schema);
    setErrors(marked);
    focusFirst(marked);
  }
  async function checkNow() {
    const body = toSend();
    if (!body) return;
    setChecked(settings);
    const done = await run(body);
    if (done.problem) show(done.problem);
  }
  async function saveNow() {
    const body = toSend();
    if (!body) return;
    setBusy(true);
    try {
      await api.request('POST', '/api/handover/save', body);
      stop();
      setSettings({});
      setSaved(true);
    } catch (error) {
      const found = problemOf(error);
      setProblem(found);
      show(found);
    } finally {
      setBusy(false);
    }
  }

  if (saved) {
    return (
      <section className="k-card" aria-labelledby="ss-thanks">
        <h2 id="ss-thanks" tabIndex={-1} ref={thanks}>
          {messages.handedDoneTitle}
        </h2>
        <p>{messages.handedDone(alias)}</p>
      </section>
    );
  }
  const ready = check.state === 'passed' && settings === checked;
  return (
    <div className="ss">
      <p>
        {messages.handedIntro(alias)} {messages.handedExpires(moment(form.expires_at, locale))}
      </p>
      <ConnectionStep
        connector={connector}
        ConnectorForm={ConnectorForm}
        settings={settings}
        stored={stored}
        errors={errors}
        check={check}
        stale={settings !== checked}
        hint={null}
        onSettings={setSettings}
        onCheck={() => void checkNow()}
        onStop={stop}
      >
        {problem && <ProblemNotice title={messages.handedFailed} problem={{ detail: problem.detail }} />}
        {!ready && !problem && (
          <p className="k-soft" role="status">
            {messages.handedUnchecked}
          </p>
        )}
        <div className="ss-actions">
          <Button tone={ready ? 'primary' : 'plain'} busy={busy} onClick={() => void saveNow()}>
            {busy ? messages.saving : messages.handedSave}
          </Button>
        </div>
      </ConnectionStep>
    </div>
  );
}
