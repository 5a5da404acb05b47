import { join, relative, sep } from 'node:path';
import type { PluginManifest } from '@kalla/core';
import { checkPanel } from '../../federation/panel-gate.server.ts';
import { sharedVersions } from '../../federation/shared-versions.server.ts';
import { refuse } from './refuse.server.ts';

/**
 * Checks the panels that a package brings against what this Kalla shares with panels: a panel that was built for another React
 * would be mounted with no more than a warning in the console.
 *
 * @param folder of the package, absolute
 */
export async function checkPanels(folder: string, { api, panels, connectors }: PluginManifest): Promise<void> {
  for (const panel of [...panels, ...connectors.flatMap((connector) => connector.panels)]) {
    const label = `Its panel for "${panel.slot}"`;
    if (!panel.remote || !panel.manifest)
      throw refuse(`${label} cannot be loaded: the "kalla" block names no "remote" or no "manifest" for it.`);
    const manifestPath = join(folder, panel.manifest);
    if (relative(folder, manifestPath).split(sep)[0] === '..') throw refuse(`${label} lies outside of the package.`);
    const gate = checkPanel({ remote: panel.remote, expose: panel.expose, api, manifestPath, shared: sharedVersions });
    if (gate.refused !== null) throw refuse(`${label} does not fit this Kalla. ${gate.refused}`);
  }
}
