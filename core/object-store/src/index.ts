export { assertKey, assertPrefix, MAX_KEY_LENGTH } from './key.ts';
export { localStore } from './local-store.ts';
export { openStore, storeRoot, stagingPath, type StoreEnv } from './open-store.ts';
