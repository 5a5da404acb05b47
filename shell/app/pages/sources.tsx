import type { Source } from '@kalla/core';
import { buttonClass, EmptyState } from '@kalla/ui';
import { Link } from 'react-router';
import type { Route } from './+types/sources';
import { messages } from '../messages.ts';
import { readApi } from './load.server.ts';
import { SourceCard } from './source-card.tsx';

const text = messages.sources;

export async function loader({ request }: Route.LoaderArgs) {
  const cursor = new URL(request.url).searchParams.get('cursor');
  const search = new URLSearchParams({ limit: '50', ...(cursor ? { cursor } : {}) });
  return readApi<{ sources: Source[]; next: string | null }>(request, `/api/sources?${search}`);
}

export const meta: Route.MetaFunction = () => [{ title: `${text.title} · ${messages.appName}` }];

export default function Sources({ loaderData }: Route.ComponentProps) {
  const { sources, next } = loaderData;
  return (
    <div className="page">
      <div className="page-head">
        <h1>{text.title}</h1>
        <p>{text.intro}</p>
        {sources.length > 0 && (
          <Link className={buttonClass('primary')} to="/sources/new">
            {text.add}
          </Link>
        )}
      </div>
      {sources.length === 0 ? (
        <EmptyState title={text.emptyTitle}>
          <p>{text.empty}</p>
          <Link className={buttonClass('primary')} to="/sources/new">
            {text.add}
          </Link>
        </EmptyState>
      ) : (
        <div className="stack">
          {sources.map((source) => (
            <SourceCard key={source.alias} source={source} />
          ))}
        </div>
      )}
      {next !== null && (
        <p>
          <Link className={buttonClass()} to={`/sources?cursor=${encodeURIComponent(next)}`}>
            {text.older}
          </Link>
        </p>
      )}
    </div>
  );
}
