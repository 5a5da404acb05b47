import type { CheckStep, Problem, RowsPage, Source } from '@kalla/core';
import { ApiError } from '@kalla/core/panel';
import { Button, buttonClass, CheckSteps, DataTable, ProblemNotice, Skeleton, visibleText } from '@kalla/ui';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import { events, request } from '../federation/api-client.ts';
import { messages } from '../messages.ts';
import { RemoveButton } from './remove-button.tsx';

const text = messages.sources;

type Work =
  | { what: 'check'; running: boolean; steps: CheckStep[] }
  | { what: 'preview'; page: RowsPage | null }
  | { what: 'failed'; problem: Pick<Problem, 'detail'> };

/** One source: where it is, its check, its first rows, and the ways to change and remove it. */
export function SourceCard({ source }: { source: Source }) {
  const [work, setWork] = useState<Work | null>(null);
  const going = useRef<AbortController>(null);
  useEffect(() => () => going.current?.abort(), []);
  const path = `/api/sources/${encodeURIComponent(source.alias)}`;

  /** One thing at a time: a second press, and leaving the page, end the first on the server as well. */
  async function act(work: (signal: AbortSignal) => Promise<void>) {
    going.current?.abort();
    const controller = new AbortController();
    going.current = controller;
    try {
      await work(controller.signal);
      if (going.current === controller) going.current = null;
    } catch (error) {
      if (controller.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      setWork({ what: 'failed', problem: { detail: error.detail } });
    }
  }
  const check = () =>
    act(async (signal) => {
      let steps: CheckStep[] = [];
      setWork({ what: 'check', running: true, steps });
      const onStep = (step: CheckStep) => {
        steps = [...steps, step];
        setWork({ what: 'check', running: true, steps });
      };
      await events<CheckStep>(`${path}/check`, {}, onStep, signal);
      setWork({ what: 'check', running: false, steps });
    });
  const preview = () =>
    act(async (signal) => {
      setWork({ what: 'preview', page: null });
      const page = await request<RowsPage>('GET', `${path}/preview?limit=20`, undefined, signal);
      setWork({ what: 'preview', page });
    });

  const title = `source-${source.alias}`;
  return (
    <section className="k-card source" aria-labelledby={title}>
      <div className="side-head">
        <h2 id={title}>{source.alias}</h2>
        <span className="k-soft">{source.type}</span>
      </div>
      <p className="source-address">
        <code>{visibleText(source.uri)}</code>
      </p>
      <p className="k-soft">
        {source.primary_key ? `${text.key}: ${source.primary_key.map(visibleText).join(', ')}` : text.noKey}
      </p>
      <div className="actions">
        <Button
          small
          busy={work?.what === 'check' && work.running}
          aria-label={text.checkNamed(source.alias)}
          onClick={() => void check()}
        >
          {work?.what === 'check' && work.running ? text.checking : text.check}
        </Button>
        <Button
          small
          busy={work?.what === 'preview' && work.page === null}
          aria-label={text.previewNamed(source.alias)}
          onClick={() => void preview()}
        >
          {text.preview}
        </Button>
        <Link
          className={buttonClass('plain', true)}
          aria-label={text.editNamed(source.alias)}
          to={source.alias === 'new' ? '/sources/new/edit' : `/sources/${source.alias}`}
        >
          {text.edit}
        </Link>
        <RemoveButton
          name={source.alias}
          path={`/api/sources/${encodeURIComponent(source.alias)}`}
          text={messages.sources}
        />
      </div>
      {work && (
        <div className="source-more">
          {work.what === 'check' && (
            <CheckSteps label={text.stepsOf(source.alias)} steps={work.steps} running={work.running} />
          )}
          {work.what === 'failed' && <ProblemNotice problem={work.problem} />}
          {work.what === 'preview' && work.page === null && <Skeleton lines={5} label={text.loadingRows} />}
          {work.what === 'preview' && work.page && (
            <>
              <DataTable
                label={text.rowsOf(source.alias)}
                columns={work.page.columns}
                rows={work.page.rows}
                marked={source.primary_key ?? []}
              />
              {work.page.rows.length === 0 && <p>{text.none}</p>}
            </>
          )}
        </div>
      )}
    </section>
  );
}
