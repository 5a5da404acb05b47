import corePackage from '@kalla/core/package.json';
import uiPackage from '@kalla/ui/package.json';
import { version as react } from 'react';
import { version as reactDom } from 'react-dom';

/** What the shell shares with panels, with the version that is here. `federation-host.client.ts` hands out the same. */
export const sharedVersions: Readonly<Record<string, string>> = {
  react,
  'react-dom': reactDom,
  'react/jsx-runtime': react,
  '@kalla/core': corePackage.version,
  '@kalla/core/panel': corePackage.version,
  '@kalla/ui': uiPackage.version,
};
