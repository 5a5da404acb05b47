import { CONNECTOR_API_VERSION, ConnectorError, type ConnectorPlugin } from '@kalla/core';
import { configSchema, type Config } from './config.ts';
import { SourceConnection } from './connection.ts';

/** My source. Kalla loads this default export; the `kalla` block of package.json says where it lies. */
const plugin: ConnectorPlugin<Config> = {
  apiVersion: CONNECTOR_API_VERSION,
  config: configSchema,

  // my-source://token:SECRET@host?table=payments
  fromUri(uri) {
    const url = URL.parse?.(uri) ?? (URL.canParse(uri) ? new URL(uri) : null);
    if (!url?.hostname)
      throw new ConnectorError('config', 'The address has no host. It looks like my-source://token:SECRET@host.', {
        field: 'host',
      });
    const table = url.searchParams.get('table');
    return {
      config: { host: url.host, token: decodeURIComponent(url.password) },
      ...(table === null ? {} : { table }),
    };
  },

  // Shown, stored and logged: never with the token.
  toUri: ({ host }, table) => `my-source://${host}${table === undefined ? '' : `?table=${encodeURIComponent(table)}`}`,

  open: (config) => Promise.resolve(new SourceConnection(config)),
};

export default plugin;
