import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test.skipIf(process.platform === 'win32')('what it runs ends with it', async () => {
  const module = pathToFileURL(join(import.meta.dirname, 'npm.mjs')).href;
  const inner = "console.log(process.pid); process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)";
  const outer = `const { run } = await import(${JSON.stringify(module)}); await run(process.execPath, ['-e', ${JSON.stringify(inner)}], {}); console.log('goes on');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', outer], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await expect.poll(() => said, { timeout: 10_000 }).toMatch(/^\d+\n$/);
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([1, null]);
  // Gone, and the one who ran it did not go on.
  expect(() => process.kill(parseInt(said, 10), 0)).toThrow('ESRCH');
  expect(said).not.toContain('goes on');
});
