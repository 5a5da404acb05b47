import type { ConnectorHost, ConnectorLog, LocalFile } from '@kalla/core';
import { localFile, type LocalFileOptions } from './local-file.ts';

/** The host of one task. A file that is asked for twice is downloaded once. */
export function connectorHost(options: LocalFileOptions, log: ConnectorLog): ConnectorHost {
  const files = new Map<string, Promise<LocalFile>>();
  return {
    scratchDir: options.scratchDir,
    maxFileBytes: options.maxBytes,
    log,
    localFile(uri, operation) {
      let file = files.get(uri);
      if (!file) {
        file = localFile(uri, options, operation);
        files.set(uri, file);
        file.catch(() => files.delete(uri)); // The next asker tries anew; this one gets the error below.
      }
      return file;
    },
  };
}
