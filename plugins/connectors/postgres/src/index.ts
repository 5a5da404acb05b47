import { CONNECTOR_API_VERSION, type ConnectorPlugin } from '@kalla/core';
import { configSchema, type PostgresConfig } from './config.ts';
import { PostgresConnection } from './connection.ts';
import { fromUri, toUri } from './uri.ts';

/** The PostgreSQL connector: reads tables and views exactly, over binary COPY, and never writes. */
const plugin: ConnectorPlugin<PostgresConfig> = {
  apiVersion: CONNECTOR_API_VERSION,
  config: configSchema,
  fromUri,
  toUri,
  open: (config) => Promise.resolve(new PostgresConnection(config)),
};
export default plugin;
export type { PostgresConfig } from './config.ts';
