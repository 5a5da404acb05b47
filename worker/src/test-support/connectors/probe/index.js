import { setTimeout as sleep } from 'node:timers/promises';
import { CONNECTOR_API_VERSION, ConnectorError } from '@kalla/core';
import { z } from 'zod';

/**
 * A connector that misbehaves on request: `probe://HOW`. `wait` waits until it is cancelled, `deaf` blocks its process and
 * hears nothing, `hoard` takes ever more memory, `exit` ends its process, `throw` throws something that is no ConnectorError, `refuse` refuses the password,
 * `slow` tells ever more progress and never ends, `falter` fails after half of the way.
 */
async function act(how, { signal, onProgress }) {
  if (how === 'slow') for (let share = 0; ; share += (1 - share) / 20) await sleep(50, onProgress?.(share), { signal });
  if (how === 'falter') {
    onProgress?.(0.5);
    throw new ConnectorError('type', 'The middle is damaged.');
  }
  if (how === 'wait') await sleep(60_000, undefined, { signal });
  if (how === 'deaf') for (const end = Date.now() + 60_000; Date.now() < end;);
  if (how === 'hoard') for (const held = []; !signal.aborted; await sleep(5)) held.push(Buffer.alloc(2 ** 26, 1));
  if (how === 'exit') process.exit(7);
  if (how === 'throw') throw new Error('connect postgres://ada:hunter2@db failed');
  if (how === 'refuse')
    throw new ConnectorError('auth', 'The password is refused.', { field: 'password', hint: 'Check it.' });
  return how;
}

export default {
  apiVersion: CONNECTOR_API_VERSION,
  config: z.strictObject({
    how: z.string(),
    password: z.string().optional(),
    tls: z.object({ mode: z.string(), key: z.string().optional() }).optional(),
  }),
  fromUri(uri) {
    const url = new URL(uri);
    return {
      config: { how: url.hostname, ...(url.password ? { password: url.password } : {}) },
      table: url.searchParams.get('table') ?? undefined,
    };
  },
  toUri: (config, table) => `probe://${config.how}${table ? `?table=${table}` : ''}`,
  open: async ({ how }) => ({
    async *check(operation) {
      yield { step: 'reach', ok: true, ms: 1, message: 'It answers.' };
      await act(how, operation);
      yield { step: 'authenticate', ok: true, ms: 1, message: 'It knows us.' };
    },
    async listTables(query, operation) {
      await act(how, operation);
      return { items: [{ id: `process-${process.pid}`, name: query.q ?? 'all', kind: 'table' }], next: null };
    },
    async describe(_table, operation) {
      await act(how, operation);
      return {
        table: { id: 't', name: 't', kind: 'table' },
        columns: [],
        primaryKey: null,
        keyCandidates: [],
        rowCount: 0,
        notes: [],
      };
    },
    async plan(_request, operation) {
      await act(how, operation);
      throw new ConnectorError('not-found', 'A probe has no rows.');
    },
    async *read() {},
    async [Symbol.asyncDispose]() {},
  }),
};
