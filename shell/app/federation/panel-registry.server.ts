import { pluginManifestSchema } from '@kalla/core';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { services } from '../server/services.server.ts';
import type { PanelEntry } from './panel-entry.ts';
import { installedPanels } from './connector-panels.server.ts';
import { readPanel, type RegisteredPanel } from './read-panel.server.ts';

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

/** Every panel whose files are served: those that come with Kalla, and those of installed connectors as the lock file has them now. */
export function servedPanels(): RegisteredPanel[] {
  return [...panels(), ...installedPanels({ previous: true }).map(({ panel }) => panel)];
}
