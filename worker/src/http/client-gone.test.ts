import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { clientGone, ClientGoneError, hungUp } from './client-gone.ts';

it.each([
  ['before', true],
  ['after', false],
])('hears of a client that hangs up %s it is asked for', async (_when, before) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => undefined); // It hangs up itself.
  client.end();
  const [, outgoing] = (await once(server, 'request')) as [unknown, ServerResponse];
  const ask = () => clientGone({ env: { outgoing } } as unknown as Parameters<typeof clientGone>[0]);
  const early = before ? undefined : ask();
  const closed = once(outgoing, 'close');
  client.destroy();
  await closed;
  expect((early ?? ask()).aborted).toBe(true);
  server.close();
});

it('tells what follows from it from faults that only come at the same time', () => {
  const gone = { destroyed: true, writableFinished: false };
  const reset = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
  expect(hungUp(new ClientGoneError(), gone)).toBe(true);
  expect(hungUp(new Error('outer', { cause: reset }), gone)).toBe(true);
  expect(hungUp(new TypeError('undefined is not a function'), gone)).toBe(false);
  expect(hungUp(reset, { destroyed: true, writableFinished: true })).toBe(false);
  expect(hungUp(reset, undefined)).toBe(false);
});
