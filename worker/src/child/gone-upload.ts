import type { ConnectorError, ObjectStore } from '@kalla/core';
import { goneFile } from '../files/local-file.ts';

/**
 * What a task's failure is where an upload that it reads was deleted meanwhile: whoever reads only says that there is no such file.
 * Null where every upload that the task names is there.
 */
export async function goneUpload(task: unknown, store: ObjectStore, failure: unknown): Promise<ConnectorError | null> {
  for (const uri of urisIn(task)) {
    const key = store.keyOf(uri);
    if (!key?.startsWith('uploads/')) continue;
    // A store that cannot be asked says less of it than the failure itself.
    const found = await store.head(key).catch(() => undefined);
    if (found === null) return goneFile(key, failure);
  }
  return null;
}

/** Every `uri` in a task, wherever it stands. */
function urisIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'uri' && typeof inner === 'string' ? [inner] : urisIn(inner),
  );
}
