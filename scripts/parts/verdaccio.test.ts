import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { describeWith } from '../../testing/require-part.ts';

describeWith('verdaccio', 'verdaccio.mjs start --ours', () => {
  it(
    'holds what the author of a connector needs, says where, and ends when it is asked to',
    { timeout: 180_000 },
    async () => {
      const child = spawn(process.execPath, [path.join(import.meta.dirname, 'verdaccio.mjs'), 'start', '--ours'], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = once(child, 'exit');
      let complaints = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
      try {
        let url = '';
        for await (const line of createInterface({ input: child.stdout })) {
          if (!/^http:\/\/127\.0\.0\.1:\d+$/.test(line)) continue;
          url = line;
          break;
        }
        expect(url, complaints).not.toBe('');
        for (const name of ['core', 'testkit', 'ui', 'create-connector']) {
          const answer = await fetch(`${url}/@kalla%2f${name}`);
          expect([name, answer.status]).toEqual([name, 200]);
        }
        // It knows no other registry.
        expect((await fetch(`${url}/zod`)).status).toBe(404);
      } finally {
        child.kill('SIGTERM');
      }
      expect(await ended).toEqual([0, null]);
    },
  );
});
