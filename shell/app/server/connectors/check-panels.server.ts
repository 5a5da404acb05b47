import { resolve } from 'node:path';
import type { PluginManifest } from '@kalla/core';
import { installedPanels, readConnectorPanels } from '../../federation/connector-panels.server.ts';
import { panels as ownPanels } from '../../federation/panel-registry.server.ts';
import { refuse } from './refuse.server.ts';

/**
 * Checks the panels that a package brings against what this Kalla shares with panels: a panel that was built for another React
 * would be mounted with no more than a warning in the console.
 *
 * @param folder of the package, absolute
 * @throws ProblemError with the sentence that says why the package is not installed
 */
export function checkPanels(
  folder: string,
  name: string,
  version: string,
  { panels, connectors }: PluginManifest,
): void {
  if (panels.length > 0)
    throw refuse('It brings a panel that belongs to no connector. Name it in the "panels" of the connector.');
  for (const { id, panels: brought } of connectors) {
    const other = brought.find(({ slot }) => slot !== 'source.setup');
    if (other)
      throw refuse(`Its connector "${id}" brings a panel for "${other.slot}". It can bring one for "source.setup".`);
    if (brought.length > 1) throw refuse(`Its connector "${id}" brings more than one panel for "source.setup".`);
  }
  const taken = new Map([
    ...installedPanels().map(({ package: owner, panel }) => [panel.entry.remote, owner] as const),
    ...ownPanels().map(({ entry }) => [entry.remote, entry.package] as const),
  ]);
  for (const { panel } of readConnectorPanels(resolve(folder), { package: name, version })) {
    const { slot, remote, refused } = panel.entry;
    if (refused !== null) throw refuse(`Its panel for "${slot}" does not fit this Kalla. ${refused}`);
    const owner = taken.get(remote);
    if (owner !== undefined && owner !== name)
      throw refuse(`Its panel is the remote "${remote}", and so is one of ${owner}. Give it another name.`);
  }
}
