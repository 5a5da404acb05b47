import type { ConnectorBuild, ConnectorInfo, InstalledConnector } from '@kalla/core';
import { ApiError } from '@kalla/core/panel';
import { Badge, Button, formatDateTime, notify, ProblemNotice, useLocale, useTimeZone, visibleText } from '@kalla/ui';
import { useState } from 'react';
import { useRevalidator } from 'react-router';
import { request } from '../federation/api-client.ts';
import { messages } from '../messages.ts';
import { buildNames } from './build-names.ts';
import { RemoveButton } from './remove-button.tsx';

const text = messages.connectors;

/** A package with its connectors, as the list shows it. */
export interface ConnectorPackageItem {
  name: string;
  version: string;
  builtin: boolean;
  build: ConnectorBuild | null;
  /** What can be gone back to. */
  previous: ConnectorBuild | null;
  titles: string[];
  errors: string[];
}

/** One entry for each package: what people install and remove. Those that were installed come first. */
export function packagesOf(connectors: readonly ConnectorInfo[]): ConnectorPackageItem[] {
  const byName = new Map<string, ConnectorInfo[]>();
  for (const one of connectors) byName.set(one.package, [...(byName.get(one.package) ?? []), one]);
  const items = [...byName].map(([name, all]) => ({
    name,
    version: all[0]?.version ?? '',
    builtin: all.every((one) => one.builtin),
    build: all.find((one) => one.build !== null)?.build ?? null,
    previous: all.find((one) => one.previous_build !== null)?.previous_build ?? null,
    titles: all.map((one) => one.title),
    errors: all.flatMap((one) => (one.error === null ? [] : [one.error])),
  }));
  return items.sort((a, b) => Number(a.builtin) - Number(b.builtin) || a.titles.join().localeCompare(b.titles.join()));
}

/** A package that is here, with what can be done with it. */
export function ConnectorCard({ item, onChange }: { item: ConnectorPackageItem; onChange(): void }) {
  const { name, version, builtin, build, previous, titles, errors } = item;
  const locale = useLocale();
  const zone = useTimeZone();
  const moment = (iso: string) => formatDateTime(iso, locale, zone);
  const names = build && buildNames(build, previous, moment);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const { revalidate } = useRevalidator();

  async function goBack() {
    setBusy(true);
    setRefusal(null);
    try {
      const now = await request<InstalledConnector>('POST', `/api/connectors/${encodeURIComponent(name)}/rollback`);
      const here = now.build && buildNames(now.build, now.previous_build, moment).build;
      notify('success', text.wentBack(name, here ?? now.version));
      await revalidate();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setRefusal(error.detail);
    } finally {
      setBusy(false);
    }
  }
  return (
    <li className="k-card connector">
      <div className="side-head">
        <h3>{titles.map(visibleText).join(', ')}</h3>
        {errors.length > 0 ? (
          <Badge tone="bad">{text.broken}</Badge>
        ) : (
          <Badge tone={builtin ? 'neutral' : 'good'}>{builtin ? text.builtin : text.installed}</Badge>
        )}
      </div>
      <p className="connector-package">
        <code>{visibleText(name)}</code> <span className="k-soft">{text.version(names?.build ?? version)}</span>
      </p>
      {errors.map((error) => (
        <p key={error} className="k-field-error">
          {error}
        </p>
      ))}
      {previous !== null && names && <p className="k-soft">{text.previous(names.other)}</p>}
      {!builtin && (
        <div className="actions">
          <Button small aria-label={text.changeNamed(name)} onClick={onChange}>
            {text.change}
          </Button>
          {previous !== null && names && (
            <Button small busy={busy} aria-label={text.goBackNamed(name, names.other)} onClick={() => void goBack()}>
              {text.goBack(names.other)}
            </Button>
          )}
          <RemoveButton name={name} path={`/api/connectors/${encodeURIComponent(name)}`} text={messages.connectors} />
        </div>
      )}
      {refusal !== null && <ProblemNotice problem={{ detail: refusal }} />}
    </li>
  );
}
