import type { Run } from '@kalla/core';
import { buttonClass, Count, DateTime, EmptyState, formatDuration, StatusBadge, useLocale } from '@kalla/ui';
import { Link } from 'react-router';
import type { Route } from './+types/runs';
import { messages } from '../messages.ts';
import { readApi } from './load.server.ts';

export async function loader({ request }: Route.LoaderArgs) {
  const cursor = new URL(request.url).searchParams.get('cursor');
  const search = new URLSearchParams({ limit: '50', ...(cursor ? { cursor } : {}) });
  const page = await readApi<{ runs: Run[]; next: string | null }>(request, `/api/runs?${search}`);
  return { ...page, cursor };
}

export const meta: Route.MetaFunction = () => [{ title: `${messages.runs.title} · ${messages.appName}` }];

export default function Runs({ loaderData }: Route.ComponentProps) {
  const { runs, next, cursor } = loaderData;
  const text = messages.runs;
  return (
    <div className="page">
      <div className="page-head">
        <h1>{text.title}</h1>
      </div>
      {runs.length === 0 ? (
        <EmptyState title={text.emptyTitle}>
          <p>{text.empty}</p>
          <Link className={buttonClass()} to="/">
            {text.emptyLink}
          </Link>
        </EmptyState>
      ) : (
        <div className="k-card k-table-scroll" tabIndex={0} role="group" aria-label={text.table}>
          <table className="k-table">
            <thead>
              <tr>
                <th scope="col">{text.recipe}</th>
                <th scope="col">{text.status}</th>
                <th scope="col">{text.started}</th>
                <th scope="col" className="k-cell-number">
                  {text.took}
                </th>
                <th scope="col" className="k-cell-number">
                  {text.matched}
                </th>
                <th scope="col" className="k-cell-number">
                  {text.unmatchedLeft}
                </th>
                <th scope="col" className="k-cell-number">
                  {text.unmatchedRight}
                </th>
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <RunRow key={run.run_id} run={run} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {(next ?? cursor) && (
        <div className="pager">
          {cursor && <Link to="/runs">{text.newest}</Link>}
          {next && <Link to={`/runs?${new URLSearchParams({ cursor: next })}`}>{text.older}</Link>}
        </div>
      )}
    </div>
  );
}

function RunRow({ run }: { run: Run }) {
  const locale = useLocale();
  const took = run.started_at && run.finished_at ? Date.parse(run.finished_at) - Date.parse(run.started_at) : null;
  return (
    <tr>
      <td>
        <Link to={`/runs/${run.run_id}`}>{run.recipe_name}</Link>
      </td>
      <td>
        <StatusBadge status={run.status} />
      </td>
      <td>
        <DateTime iso={run.created_at} />
      </td>
      <td className="k-cell-number">{took === null ? '' : formatDuration(took, locale)}</td>
      {(['matched', 'unmatched_left', 'unmatched_right'] as const).map((set) => (
        <td key={set} className="k-cell-number">
          {run.counts && (
            <Link to={`/runs/${run.run_id}?set=${set}`}>
              <Count value={run.counts[set]} />
            </Link>
          )}
        </td>
      ))}
    </tr>
  );
}
