import { PANEL_API_VERSION, type PanelModule } from '@kalla/core/panel';
import { messages } from '../messages.ts';
// Not imported when it is needed: a page with a panel needs it, so it comes with the page's own scripts.
import { loadRemoteModule } from './federation-host.client.ts';
import type { PanelEntry } from './panel-entry.ts';

/** A script that never loads is given up by the federation runtime after 20 s; a module that never settles, here. */
export const panelTimeout = 25_000;

const sources = import.meta.env.DEV ? import.meta.glob<PanelModule<never>>('../../../plugins/panels/*/src/*.tsx') : {};

/** Loads a panel: in development from its source, else from its federated remote. Rejects with a reason for the user. */
export async function loadPanel<P>(
  entry: PanelEntry,
  { again = false, timeout = panelTimeout }: { again?: boolean; timeout?: number | undefined } = {},
): Promise<PanelModule<P>> {
  const fromSource = entry.source ? sources[`../../../plugins/panels/${entry.source}`] : undefined;
  const loading = fromSource ? fromSource() : loadRemoteModule(entry, again);
  return checkModule<P>(await withTimeout(loading, timeout));
}

/** Makes sure that a loaded module is a panel for this shell. */
export function checkModule<P>(module: unknown): PanelModule<P> {
  const panel = module as Partial<PanelModule<P>> | null;
  // A component may also be an object, as `memo` and `lazy` make them.
  const component = panel?.default as unknown;
  if (!component || (typeof component !== 'function' && typeof component !== 'object')) {
    throw new Error(messages.panel.noComponent);
  }
  if (panel?.apiVersion !== PANEL_API_VERSION) {
    throw new Error(messages.panel.wrongApi(panel?.apiVersion, PANEL_API_VERSION));
  }
  return panel as PanelModule<P>;
}

async function withTimeout<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(messages.panel.timeout(ms / 1000))), ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
