import type { DuckDBConnection } from '@duckdb/node-api';

const POLL_MS = 50;

/**
 * Tells `onShare` how far the query is that runs on a connection, 0 to 1, for as long as the engine knows it: a query over a
 * file knows which part of its bytes is read. The returned function ends it.
 */
export async function watchQuery(connection: DuckDBConnection, onShare: (share: number) => void): Promise<() => void> {
  // The engine only counts while it believes that it draws a bar.
  await connection.run('SET enable_progress_bar = true');
  await connection.run('SET enable_progress_bar_print = false');
  const timer = setInterval(() => {
    const { percentage } = connection.progress;
    if (percentage >= 0) onShare(Math.min(percentage / 100, 1));
  }, POLL_MS);
  return () => clearInterval(timer);
}
