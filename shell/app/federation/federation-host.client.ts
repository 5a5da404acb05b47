import { version as coreVersion } from '@kalla/core/package.json';
import * as Panel from '@kalla/core/panel';
import * as Ui from '@kalla/ui';
import { version as uiVersion } from '@kalla/ui/package.json';
import { createInstance } from '@module-federation/runtime';
import * as runtimeCore from '@module-federation/runtime/core';
import * as React from 'react';
import * as ReactDOM from 'react-dom';
import * as JsxRuntime from 'react/jsx-runtime';
import { messages } from '../messages.ts';
import type { PanelEntry } from './panel-entry.ts';

// Remotes built with `experiments.externalRuntime` look here for the federation runtime, in place of one of their own.
Object.assign(globalThis, { _FEDERATION_RUNTIME_CORE: runtimeCore });

const shareConfig = (version: string) => ({ singleton: true, requiredVersion: `^${version}`, strictVersion: true });
const share = (version: string, module: unknown) => ({ version, lib: () => module, shareConfig: shareConfig(version) });

const federation = createInstance({
  name: 'kalla_shell',
  remotes: [],
  shared: {
    react: share(React.version, React),
    'react-dom': share(React.version, ReactDOM),
    'react/jsx-runtime': share(React.version, JsxRuntime),
    '@kalla/core/panel': share(coreVersion, Panel),
    '@kalla/ui': share(uiVersion, Ui),
    // The schemas are large and few panels need them at run time, so they are fetched when one asks.
    '@kalla/core': {
      version: coreVersion,
      get: () => import('@kalla/core').then((module) => () => module),
      shareConfig: shareConfig(coreVersion),
    },
  },
});

/** The address that each remote was loaded from. An upgrade of its package brings another one, while the page stays open. */
const loadedFrom = new Map<string, string>();

/**
 * Loads a panel's module. `again` throws away what an earlier attempt left behind.
 * Rejects with a reason for the user: the script is missing, throws, or does not answer (after about 20 s).
 */
export async function loadRemoteModule(entry: PanelEntry, again: boolean): Promise<unknown> {
  if (!entry.entry) throw new Error('it has no entry script.');
  const before = loadedFrom.get(entry.remote);
  const force = again || (before !== undefined && before !== entry.entry);
  if (force) forgetChunks(entry.remote);
  loadedFrom.set(entry.remote, entry.entry);
  const address = again ? `${entry.entry}?retry=${Date.now()}` : entry.entry;
  federation.registerRemotes([{ name: entry.remote, entry: address, type: 'global' }], { force });
  try {
    return await federation.loadRemote(`${entry.remote}/${entry.expose.slice(2)}`);
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error });
  }
}

/**
 * A remote keeps the modules that it has loaded in an array of the window, under a name that is the same in all its versions: a
 * newer version would be given the modules of the older one.
 */
function forgetChunks(remote: string): void {
  for (const name of [`rspackChunk${remote}`, `webpackChunk${remote}`]) Reflect.deleteProperty(globalThis, name);
}

/** The federation runtime's words are for who builds a panel; a number in them tells what happened. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (/RUNTIME-008/.test(text)) return messages.panel.noScript;
  if (/RUNTIME-001/.test(text)) return messages.panel.noRemote;
  return text;
}
