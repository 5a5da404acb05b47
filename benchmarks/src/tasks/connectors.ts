import { stat } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ConnectorHost, ConnectorPlugin } from '@kalla/core';
import { discoverConnectors, loadConnector, readsFiles } from './worker.ts';

/** Loads a built-in connector in the way the worker does: by its manifest, from its build. */
export async function connectorOf(
  type: string,
): Promise<{ plugin: ConnectorPlugin; readsFiles: boolean; package: string; version: string }> {
  const pluginsDir = process.env['KALLA_PLUGINS_DIR'];
  if (!pluginsDir) throw new Error('KALLA_PLUGINS_DIR has to name the folder of the connectors.');
  // Only what is built in: the data directory, which names what is installed besides, is one without a lock file.
  const all = await discoverConnectors({ pluginsDir, dataDir: pluginsDir });
  const found = all.find((one) => one.info.type === type && one.info.error === null);
  if (!found) {
    const reasons = all.filter((one) => one.info.error).map((one) => `${one.info.package}: ${one.info.error}`);
    throw new Error(`The connector "${type}" cannot be used. ${reasons.join(' ') || 'It is not there.'}`);
  }
  const { package: name, version } = found.info;
  return { plugin: await loadConnector(found), readsFiles: readsFiles(found), package: name, version };
}

/** A host that reads files of this disk by path or `file:` address. */
export function localHost(scratchDir: string): ConnectorHost {
  return {
    scratchDir,
    async localFile(uri) {
      const path = uri.startsWith('file:') ? fileURLToPath(uri) : uri;
      return { path, name: path.split('/').at(-1) ?? path, bytes: (await stat(path)).size };
    },
    log: { debug() {}, warn: (message) => console.error(message) },
  };
}

/** The configuration of a file, as an upload gets it. */
export function fileConfig(plugin: ConnectorPlugin, path: string): unknown {
  return plugin.fromUri(pathToFileURL(path).href).config;
}
