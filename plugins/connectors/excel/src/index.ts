import { CONNECTOR_API_VERSION, ConnectorError, publicUri, type ConnectorPlugin } from '@kalla/core';
import { filenameOf } from '@kalla/files';
import { configSchema, type ExcelConfig } from './config.ts';
import { ExcelConnection } from './connection.ts';

/** Excel workbooks: .xlsx and .xlsm. */
const plugin: ConnectorPlugin<ExcelConfig> = {
  apiVersion: CONNECTOR_API_VERSION,
  config: configSchema,
  fromUri(uri) {
    if (!uri.trim()) throw new ConnectorError('config', 'The address of the file is empty.', { field: 'uri' });
    const filename = filenameOf(uri);
    return { config: filename ? { uri, filename } : { uri } };
  },
  toUri: (config) => publicUri(config.uri),
  open: (config, host) => Promise.resolve(new ExcelConnection(config, host)),
};

export default plugin;
