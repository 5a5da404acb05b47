import type { CheckStep, RowsPage, Source } from '@kalla/core';
import { Badge, Button, classNames, EmptyState, formatCell, isNumeric, notify, useLocale } from '@kalla/ui';
import { useState } from 'react';
import type { Route } from './+types/sources';
import { request as callApi } from '../federation/api-client.ts';
import { messages } from '../messages.ts';
import { checkSource } from './check-source.ts';
import { readApi } from './load.server.ts';

const text = messages.sources;

export async function loader({ request }: Route.LoaderArgs) {
  return readApi<{ sources: Source[] }>(request, '/api/sources');
}

export const meta: Route.MetaFunction = () => [{ title: `${text.title} · ${messages.appName}` }];

export default function Sources({ loaderData }: Route.ComponentProps) {
  const { sources } = loaderData;
  return (
    <div className="page">
      <div className="page-head">
        <h1>{text.title}</h1>
        <p>{text.intro}</p>
      </div>
      {sources.length === 0 ? (
        <EmptyState title={text.emptyTitle}>
          <p>{text.empty}</p>
        </EmptyState>
      ) : (
        <div className="stack">
          {sources.map((source) => (
            <SourceCard key={source.alias} source={source} />
          ))}
        </div>
      )}
    </div>
  );
}

function SourceCard({ source }: { source: Source }) {
  const [steps, setSteps] = useState<CheckStep[] | null>(null);
  const [page, setPage] = useState<RowsPage | null>(null);
  const [busy, setBusy] = useState<'check' | 'preview' | null>(null);

  async function act(what: 'check' | 'preview', work: () => Promise<void>) {
    setBusy(what);
    try {
      await work();
    } catch (error) {
      notify('error', (error as Error).message);
    } finally {
      setBusy(null);
    }
  }

  return (
    <section className="k-card" aria-labelledby={`source-${source.alias}`}>
      <div className="side-head">
        <h2 id={`source-${source.alias}`}>{source.alias}</h2>
        <span className="k-soft">{source.type}</span>
      </div>
      <p>
        <code>{source.uri}</code>
      </p>
      {source.primary_key && (
        <p className="k-soft">
          {text.key}: {source.primary_key.join(', ')}
        </p>
      )}
      <div className="actions">
        <Button
          small
          busy={busy === 'check'}
          aria-label={text.checkNamed(source.alias)}
          onClick={() =>
            void act('check', async () => {
              setSteps([]);
              await checkSource(source.alias, (step) => setSteps((all) => [...(all ?? []), step]));
            })
          }
        >
          {busy === 'check' ? text.checking : text.check}
        </Button>
        <Button
          small
          busy={busy === 'preview'}
          aria-label={text.previewNamed(source.alias)}
          onClick={() =>
            void act('preview', async () => {
              setPage(
                await callApi<RowsPage>('GET', `/api/sources/${encodeURIComponent(source.alias)}/preview?limit=20`),
              );
            })
          }
        >
          {text.preview}
        </Button>
      </div>
      {steps && (
        <ol className="check-steps" aria-live="polite">
          {steps.map((step) => (
            <li key={step.step}>
              <Badge tone={step.ok ? 'good' : 'bad'}>
                {text.steps[step.step]}: {step.ok ? text.ok : text.failed}
              </Badge>{' '}
              {step.message} {step.hint} <span className="k-soft">{Math.round(step.ms)} ms</span>
            </li>
          ))}
        </ol>
      )}
      {page && <Preview alias={source.alias} page={page} />}
    </section>
  );
}

function Preview({ alias, page }: { alias: string; page: RowsPage }) {
  const locale = useLocale();
  if (page.rows.length === 0) return <p>{text.none}</p>;
  return (
    <div className="k-table-scroll source-more" tabIndex={0} role="group" aria-label={text.rowsOf(alias)}>
      <table className="k-table">
        <thead>
          <tr>
            {page.columns.map((column) => (
              <th key={column.name} scope="col" className={isNumeric(column.type) ? 'k-cell-number' : undefined}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {page.rows.map((row, index) => (
            <tr key={index}>
              {page.columns.map((column) => {
                const cell = formatCell(row[column.name], column.type, locale);
                return (
                  <td
                    key={column.name}
                    title={cell.exact}
                    className={classNames(isNumeric(column.type) && 'k-cell-number', cell.negative && 'k-negative')}
                  >
                    {cell.text}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
