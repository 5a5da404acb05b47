import { openRuns } from '../runs/run-repository.server.ts';
import { services } from '../services.server.ts';
import { tidyFolders } from './folders.server.ts';

/** Deletes versions that the lock file does not name any more. While a run goes they stay: it may read with one of them. */
export async function tidyUnused(): Promise<void> {
  const { db, env } = services();
  if ((await openRuns(db)).length > 0) return; // The next change or the next start does it.
  await tidyFolders(env.dataDir);
}
