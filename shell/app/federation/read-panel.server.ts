import type { PanelManifest } from '@kalla/core';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { PanelEntry } from './panel-entry.ts';
import { checkPanel } from './panel-gate.server.ts';
import { sharedVersions } from './shared-versions.server.ts';

/** A panel as the server knows it: what the browser gets, and where its files are. */
export interface RegisteredPanel {
  entry: PanelEntry;
  /** Folder of `mf-manifest.json`; only files in it are ever served. Null where the panel is refused. */
  root: string | null;
  /** Over the content of every file in `root`; part of the panel's address. */
  hash: string | null;
}

/** Panels larger than this are refused, since their files are read in full to make the hash. */
const maxPanelBytes = 50 * 1024 * 1024;

/** A panel that a package names. */
interface Found {
  folder: string;
  folderName: string;
  api: string;
  panel: PanelManifest;
  about: { package: string; version: string };
  development: boolean;
}

/** Reads one panel of a package. What is wrong with it is said in `entry.refused`. */
export function readPanel(found: Found): RegisteredPanel {
  const { folder, folderName, panel, about, development } = found;
  const base: PanelEntry = {
    ...about,
    slot: panel.slot,
    remote: panel.remote ?? '',
    expose: panel.expose,
    entry: null,
    scripts: [],
    styles: [],
    refused: null,
    source: null,
  };
  if (development && panel.source && existsSync(path.join(folder, panel.source))) {
    return { entry: { ...base, source: path.posix.join(folderName, panel.source) }, root: null, hash: null };
  }
  const refuse = (refused: string): RegisteredPanel => ({ entry: { ...base, refused }, root: null, hash: null });
  try {
    return readFiles(found, base, refuse);
  } catch (error) {
    // A folder that cannot be read, a link to nowhere, a manifest that is a folder: of this panel, and of nothing else.
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return refuse(`Its files cannot be read (${code}).`);
  }
}

function readFiles(
  { folder, api, panel, about }: Found,
  base: PanelEntry,
  refuse: (reason: string) => RegisteredPanel,
): RegisteredPanel {
  if (!panel.manifest) return refuse('Its "kalla" block names no "manifest".');
  const manifestPath = path.join(folder, panel.manifest);
  const { remote, expose } = panel;
  const gate = checkPanel({ remote, expose, api, manifestPath, shared: sharedVersions });
  if (gate.manifest === null) return refuse(gate.refused);

  const root = realpathSync(path.dirname(manifestPath));
  if (!root.startsWith(realpathSync(folder) + path.sep))
    return refuse('Its mf-manifest.json lies outside of the package, or in no folder of its own.');
  const hash = hashFolder(root);
  if (hash === null) return refuse(`Its files are larger than ${maxPanelBytes / 1024 / 1024} MiB.`);
  const address = (file: string) => `/panels/${about.package}/${hash}/${file}`;
  const { remoteEntry } = gate.manifest.metaData;
  const entry = address(path.posix.join(remoteEntry.path, remoteEntry.name));
  const assets = gate.manifest.exposes.find((exposed) => exposed.path === panel.expose)?.assets;
  return {
    entry: {
      ...base,
      remote: gate.manifest.name,
      entry,
      scripts: [entry, ...(assets?.js.sync ?? []).map(address)],
      styles: (assets?.css.sync ?? []).map(address),
    },
    root,
    hash,
  };
}

/** A hash over names and content of all files of a folder, or null where there is too much of it. */
function hashFolder(root: string): string | null {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(root, name);
    const info = statSync(file);
    if (!info.isFile() || name.endsWith('.map')) continue;
    bytes += info.size;
    if (bytes > maxPanelBytes) return null;
    hash.update(`${name}\0${info.size}\0`).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}
