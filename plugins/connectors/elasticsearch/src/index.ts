import { CONNECTOR_API_VERSION, type ConnectorPlugin } from '@kalla/core';
import { configSchema, type ElasticsearchConfig } from './config.ts';
import { ElasticsearchConnection } from './connection.ts';
import { fromUri, toUri } from './uri.ts';

/** The Elasticsearch connector: reads indices, aliases and data streams exactly, at one point in time, and never writes. */
const plugin: ConnectorPlugin<ElasticsearchConfig> = {
  apiVersion: CONNECTOR_API_VERSION,
  config: configSchema,
  fromUri,
  toUri,
  open: (config, host) => Promise.resolve(new ElasticsearchConnection(config, host.log)),
};
export default plugin;
export type { ElasticsearchConfig } from './config.ts';
