import { pathToFileURL } from 'node:url';
import { CONNECTOR_API_VERSION, ProblemError, type ConnectorPlugin } from '@kalla/core';
import type { FoundConnector } from './discover.ts';

/** Loads a connector's entry module. Only child processes do this: the parent never runs a connector's code. */
export async function loadConnector(found: FoundConnector): Promise<ConnectorPlugin> {
  const name = `The connector "${found.info.type}" of ${found.info.package} ${found.info.version}`;
  if (found.info.error !== null) throw new ProblemError('source-config', `${name} cannot be used. ${found.info.error}`);
  let module: { default?: unknown };
  try {
    module = (await import(pathToFileURL(found.entry).href)) as { default?: unknown };
  } catch (error) {
    throw new ProblemError('source-config', `${name} cannot be loaded. The worker's log says why.`, undefined, error);
  }
  const plugin = module.default;
  if (!isPlugin(plugin)) {
    throw new ProblemError(
      'source-config',
      `${name} does not export a connector of API version ${CONNECTOR_API_VERSION}.`,
    );
  }
  return plugin;
}

function isPlugin(value: unknown): value is ConnectorPlugin {
  const plugin = value as Partial<ConnectorPlugin> | null | undefined;
  return (
    typeof plugin === 'object' &&
    plugin !== null &&
    plugin.apiVersion === CONNECTOR_API_VERSION &&
    typeof plugin.open === 'function' &&
    typeof plugin.fromUri === 'function' &&
    typeof plugin.toUri === 'function' &&
    typeof plugin.config?.safeParse === 'function'
  );
}
