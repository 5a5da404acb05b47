import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { version as duckdbVersion } from '@duckdb/node-api';
import { readTruth, writeBulk, type BulkRequest, type BulkTruth, type Format } from './generate/bulk.ts';

/** Generated data and kept results; not in git, may be deleted at any time. */
export const DATA = resolve(import.meta.dirname, '../.data');

/** Gives a table of test data from the cache, made first where it is not there. Its rows depend on DuckDB's hash, so its version is in the name. */
export async function cachedData(request: BulkRequest, format: Format): Promise<{ path: string; truth: BulkTruth }> {
  const path = join(DATA, `${request.dataset}_${request.rows}_${request.seed}_duckdb-${duckdbVersion()}.${format}`);
  try {
    await access(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { path, truth: await writeBulk(request, path, format) };
  }
  return { path, truth: await readTruth(path) };
}
