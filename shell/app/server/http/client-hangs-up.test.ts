import { request } from 'node:http';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startTestShell, type TestShell } from '../../../testing/running-shell.ts';

let shell: TestShell;
beforeAll(async () => {
  shell = await startTestShell();
});
afterAll(() => shell.end());

it.each([
  ['/api/recipes', { 'content-type': 'application/json' }],
  ['/api/uploads', { 'content-type': 'multipart/form-data; boundary=x' }],
])('a client that goes away in the middle of what it sends to %s is no fault of ours', async (path, headers) => {
  const { log } = shell.services;
  const [debug, ...louder] = [
    vi.spyOn(log, 'debug'),
    vi.spyOn(log, 'warn'),
    vi.spyOn(log, 'error'),
    vi.spyOn(console, 'error').mockReturnValue(),
  ];
  const client = request(shell.address + path, { method: 'POST', headers: { ...headers, 'content-length': 10_000 } });
  client.on('error', () => undefined); // It hangs up itself.
  client.write('{"recipe_id":');
  await new Promise((done) => setTimeout(done, 100));
  client.destroy();
  await vi.waitFor(() => expect(debug).toHaveBeenCalledWith({ method: 'POST', path }, 'a client hung up'));
  for (const spy of louder) expect(spy).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  expect((await shell.call('GET', '/healthz')).status).toBe(200);
});
