import type { PanelManifest } from '@kalla/core';

/** What the browser must know of a panel to load it. Made on the server, by the registry. */
export interface PanelEntry {
  /** npm name of the package that brings it. */
  package: string;
  version: string;
  slot: PanelManifest['slot'];
  /** Name of the federated remote. */
  remote: string;
  /** Module in the remote, `./RunViewer`. */
  expose: string;
  /** Address of the remote's entry script; null where the panel is refused or comes from source. */
  entry: string | null;
  /** Scripts that the panel needs at once: preloaded while the page hydrates. */
  scripts: string[];
  /** Style sheets of the panel. */
  styles: string[];
  /** Why it is not loaded, as a sentence. */
  refused: string | null;
  /** In development: the source module, from the folder of the panels (`run-viewer/src/run-viewer.tsx`). */
  source: string | null;
}
