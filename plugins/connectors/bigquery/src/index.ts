import { CONNECTOR_API_VERSION, type ConnectorPlugin } from '@kalla/core';
import { configSchema, type BigQueryConfig } from './config.ts';
import { BigQueryConnection } from './connection.ts';
import { fromUri, toUri } from './uri.ts';

/** The BigQuery connector: reads tables and views exactly, over the Storage Read API, and never writes. */
const plugin: ConnectorPlugin<BigQueryConfig> = {
  apiVersion: CONNECTOR_API_VERSION,
  config: configSchema,
  fromUri,
  toUri,
  open: (config) => Promise.resolve(new BigQueryConnection(config)),
};
export default plugin;
export type { BigQueryConfig } from './config.ts';
