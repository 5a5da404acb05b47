import { join, resolve } from 'node:path';
import type { ObjectStore } from '@kalla/core';
import { localStore } from './local-store.ts';

/** The variables that choose a store; `process.env` fits. */
export type StoreEnv = Readonly<Record<string, string | undefined>>;

/** The folder of the local store: `${KALLA_DATA_DIR}/objects`, by default `./.kalla/objects`. Absolute. */
export function storeRoot(env: StoreEnv): string {
  return resolve(join(env.KALLA_DATA_DIR || './.kalla', 'objects'));
}

/** The folder for scratch files: `STAGING_PATH`, by default `./staging`. Absolute. */
export function stagingPath(env: StoreEnv): string {
  return resolve(env.STAGING_PATH || './staging');
}

/**
 * Opens the store that the environment names. This version has the local disk only, and says so rather than writing to a
 * place that the operator did not mean.
 *
 * @example
 * const store = openStore(process.env);
 */
export function openStore(env: StoreEnv): ObjectStore {
  const asked = env.AWS_ENDPOINT_URL ? 'AWS_ENDPOINT_URL' : env.GCS_BUCKET ? 'GCS_BUCKET' : undefined;
  if (asked) {
    throw new Error(
      `${asked} is set, but this version of Kalla keeps its objects on the local disk only. ` +
        `Unset ${asked}; KALLA_DATA_DIR says where the objects go.`,
    );
  }
  return localStore(storeRoot(env));
}
