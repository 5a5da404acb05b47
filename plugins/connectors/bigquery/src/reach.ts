import { once } from 'node:events';
import { connect } from 'node:net';
import { ConnectorError, throwIfAborted, type Operation } from '@kalla/core';
import type { BigQueryConfig } from './config.ts';
import { toConnectorError } from './errors.ts';

/** What a machine behind a company's proxy sets; the address itself cannot be reached directly there. */
const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];

/**
 * Knocks at the address. Google's clients take 15 s to say that nobody is there; this takes one round trip.
 *
 * @returns where it answered, `host:port`
 * @throws ConnectorError `unreachable`
 */
export async function reach(config: BigQueryConfig, { signal }: Operation): Promise<string> {
  throwIfAborted(signal);
  const url = new URL(config.endpoint ?? 'https://bigquery.googleapis.com');
  const port = Number(url.port || (url.protocol === 'http:' ? 80 : 443));
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (PROXIES.some((name) => process.env[name])) return `${host}:${port}`;
  const ms = config.connect_timeout * 1000;
  const timeout = AbortSignal.timeout(ms);
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, timeout]) });
    return `${host}:${port}`;
  } catch (error) {
    if (timeout.aborted && !signal.aborted) {
      throw new ConnectorError('unreachable', `${host}:${port} did not answer within ${config.connect_timeout} s.`, {
        hint: 'Often a firewall: it has to let this machine reach the address.',
        ...(config.endpoint ? { field: 'endpoint' } : {}),
      });
    }
    throw toConnectorError(error, { config, signal });
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}
