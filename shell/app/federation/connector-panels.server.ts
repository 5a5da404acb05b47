import { CONNECTOR_PANEL_MANIFEST, pluginManifestSchema, ProblemError, type ConnectorInfo } from '@kalla/core';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { readLock } from '../server/connectors/lock-file.server.ts';
import { services } from '../server/services.server.ts';
import { readPanel, type RegisteredPanel } from './read-panel.server.ts';

/** The panel that a connector of an installed package brings. */
export interface ConnectorPanelFiles {
  /** Id of the connector in its package. */
  connector: string;
  panel: RegisteredPanel;
}

interface About {
  package: string;
  version: string;
}

/**
 * The panels that the connectors of a package bring. One that cannot be used says why in `entry.refused`; nothing is thrown for
 * what lies in the package.
 *
 * @param folder of the package, absolute
 */
export function readConnectorPanels(folder: string, about: About): ConnectorPanelFiles[] {
  let kalla: unknown;
  try {
    kalla = (JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { kalla?: unknown }).kalla;
  } catch (error) {
    // The worker says of the connectors of such a package that they cannot be used; there is no panel to be shown then.
    services().log.warn({ package: about.package, error }, 'a package.json cannot be read');
    return [];
  }
  const parsed = pluginManifestSchema.safeParse(kalla);
  if (!parsed.success) return [];
  const { api, connectors } = parsed.data;
  return connectors.flatMap(({ id, panels }) =>
    panels
      .filter(({ slot }) => slot === 'source.setup')
      .slice(0, 1)
      .map((panel) => {
        const inFolder = { ...panel, manifest: panel.manifest ?? CONNECTOR_PANEL_MANIFEST };
        return {
          connector: id,
          panel: readPanel({ folder, folderName: '', api, panel: inFolder, about, development: false }),
        };
      }),
  );
}

/** By folder: a tree of an installed package is never changed in place, and its panel is read in full for its hash. */
const known = new Map<string, { stamp: string; panels: ConnectorPanelFiles[] }>();

function panelsIn(folder: string, about: About): ConnectorPanelFiles[] {
  const stamp = ['package.json', CONNECTOR_PANEL_MANIFEST]
    .map((file) => statSync(path.join(folder, file), { throwIfNoEntry: false }))
    .map((info) => `${info?.ino}:${info?.size}:${info?.mtimeMs}`)
    .join(' ');
  const before = known.get(folder);
  if (before?.stamp === stamp) return before.panels;
  const panels = readConnectorPanels(folder, about);
  known.set(folder, { stamp, panels });
  return panels;
}

/**
 * The panels of every package that the lock file names, as it stands now. With `previous` also those of the versions that can be
 * gone back to: a page that was opened before an upgrade still asks for their files.
 */
export function installedPanels({ previous = false } = {}): (ConnectorPanelFiles & About)[] {
  const { dataDir } = services().env;
  let lock;
  try {
    lock = readLock(dataDir);
  } catch (error) {
    // A damaged lock file is told where connectors are listed and changed. The form drawn from the schema needs no panel.
    if (error instanceof ProblemError) return [];
    throw error;
  }
  const versions = lock.connectors.flatMap(({ name, previous: before, ...present }) =>
    [present, ...(before ? [before] : [])].map((one) => ({
      folder: path.resolve(dataDir, one.path),
      about: { package: name, version: one.version },
      wanted: previous || one === present,
    })),
  );
  const folders = new Set(versions.map((one) => one.folder));
  for (const folder of known.keys()) if (!folders.has(folder)) known.delete(folder);
  return versions
    .filter((one) => one.wanted)
    .flatMap(({ folder, about }) => panelsIn(folder, about).map((one) => ({ ...one, ...about })));
}

/** The connectors with the address of each panel, or with the reason why it cannot be shown. */
export function withPanels(connectors: readonly ConnectorInfo[]): ConnectorInfo[] {
  if (!connectors.some((one) => one.panel !== null && !one.builtin)) return [...connectors];
  const installed = installedPanels();
  return connectors.map((one) => {
    if (one.panel === null || one.builtin) return one;
    const found = installed.find(
      (panel) => panel.package === one.package && panel.version === one.version && panel.connector === one.type,
    );
    if (!found) return one;
    const { remote, entry, scripts, styles, refused } = found.panel.entry;
    const files = entry === null ? {} : { remote, entry, scripts, styles };
    return { ...one, panel: { ...one.panel, ...files, ...(refused === null ? {} : { refused }) } };
  });
}
