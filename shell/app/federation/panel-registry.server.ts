import { pluginManifestSchema, type PanelManifest } from '@kalla/core';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { services } from '../server/services.server.ts';
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

/** The folder with one panel package in each sub-folder: `KALLA_PANELS_DIR`, else `plugins/panels` of this installation. */
export function panelsFolder(): string {
  if (process.env.KALLA_PANELS_DIR) return path.resolve(process.env.KALLA_PANELS_DIR);
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'plugins', 'panels');
    if (existsSync(candidate)) return candidate;
    if (folder === path.dirname(folder)) return path.resolve('plugins/panels');
  }
}

/**
 * Reads every panel package in `folder`. A package that cannot be used stays in the list with `refused`, so that the page
 * can say why; one without a `kalla` block is not a panel and is left out.
 */
export function scanPanels(folder: string, development = false): RegisteredPanel[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((item) => item.isDirectory() || item.isSymbolicLink())
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap((item) => readPackage(path.join(folder, item.name), item.name, development));
}

function readPackage(folder: string, folderName: string, development: boolean): RegisteredPanel[] {
  const packagePath = path.join(folder, 'package.json');
  if (!existsSync(packagePath)) return [];
  const json = JSON.parse(readFileSync(packagePath, 'utf8')) as { name?: string; version?: string; kalla?: unknown };
  if (json.kalla === undefined) return [];
  const about = { package: json.name ?? folderName, version: json.version ?? '0.0.0' };
  const parsed = pluginManifestSchema.safeParse(json.kalla);
  if (!parsed.success) {
    // Its slots are not known, so there is no place on a page to say so: the log is the place.
    services().log.error(
      { package: about.package, reason: parsed.error.message },
      'a panel is left out: the "kalla" block of its package.json does not validate',
    );
    return [];
  }
  const { api, panels } = parsed.data;
  return panels.map((panel) => readPanel({ folder, folderName, api, panel, about, development }));
}

interface Found {
  folder: string;
  folderName: string;
  api: string;
  panel: PanelManifest;
  about: { package: string; version: string };
  development: boolean;
}

function readPanel({ folder, folderName, api, panel, about, development }: Found): RegisteredPanel {
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
  if (!panel.remote || !panel.manifest) return refuse('Its "kalla" block names no "remote" or no "manifest".');

  const manifestPath = path.join(folder, panel.manifest);
  const gate = checkPanel({ remote: panel.remote, expose: panel.expose, api, manifestPath, shared: sharedVersions });
  if (gate.manifest === null) return refuse(gate.refused);

  const root = realpathSync(path.dirname(manifestPath));
  const hash = hashFolder(root);
  if (hash === null) return refuse(`Its files are larger than ${maxPanelBytes / 1024 / 1024} MiB.`);
  const address = (file: string) => `/panels/${about.package}/${hash}/${file}`;
  const { remoteEntry } = gate.manifest.metaData;
  const entry = address(path.posix.join(remoteEntry.path, remoteEntry.name));
  const assets = gate.manifest.exposes.find((exposed) => exposed.path === panel.expose)?.assets;
  return {
    entry: {
      ...base,
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

let registered: { stamp: string; panels: RegisteredPanel[] } | undefined;

/** All panels that are here. Read anew when a manifest has changed, so that a rebuilt panel needs no restart. */
export function panels(): RegisteredPanel[] {
  const folder = panelsFolder();
  const stamp = stampOf(folder);
  if (registered?.stamp !== stamp) registered = { stamp, panels: scanPanels(folder, import.meta.env?.DEV ?? false) };
  return registered.panels;
}

function stampOf(folder: string): string {
  if (!existsSync(folder)) return folder;
  const times = readdirSync(folder).flatMap((name) =>
    ['package.json', 'dist/mf-manifest.json'].map(
      (file) => `${name}/${file}:${statSync(path.join(folder, name, file), { throwIfNoEntry: false })?.mtimeMs}`,
    ),
  );
  return [folder, ...times].join('\n');
}

/** The panel for a slot: the first that can be used, else the first that says why it cannot, else null. */
export function panelFor(slot: PanelEntry['slot']): PanelEntry | null {
  const found = panels()
    .map((panel) => panel.entry)
    .filter((entry) => entry.slot === slot);
  return found.find((entry) => entry.refused === null) ?? found[0] ?? null;
}
