import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { listProcesses, parsePs, parseStatus, treeRss } from './process-tree.ts';
import { sampleRss } from './rss-sampler.ts';

const MB = 1024 * 1024;
/** Holds `mb` megabytes, says so, and ends when its input ends. */
const holder = (mb: number) =>
  `globalThis.held = Buffer.alloc(${mb} * 1048576, 1); process.stdout.write('held'); process.stdin.resume();`;

describe('treeRss', () => {
  it('adds up the descendants, and leaves out strangers', () => {
    const tree = [
      { pid: 1, parent: 0, rss: 1 },
      { pid: 10, parent: 1, rss: 100 },
      { pid: 11, parent: 10, rss: 20 },
      { pid: 12, parent: 11, rss: 3 },
      { pid: 13, parent: 2, rss: 5000 },
    ];
    expect(treeRss(tree, 10)).toBe(123);
    expect(treeRss(tree, 99)).toBe(0);
  });
});

describe('parseStatus', () => {
  it('reads kibibytes, and 0 from a process that is ending', () => {
    expect(parseStatus('Name:\tnode\nPid:\t7\nPPid:\t3\nVmHWM:\t 900 kB\nVmRSS:\t 512 kB\n')).toEqual({
      pid: 7,
      parent: 3,
      rss: 512 * 1024,
    });
    expect(parseStatus('Name:\tnode\nPid:\t7\nPPid:\t3\n').rss).toBe(0);
  });
});

describe('parsePs', () => {
  it('reads kibibytes in columns', () => {
    expect(parsePs('    1     0   1024\n  501     1  20480\n')).toEqual([
      { pid: 1, parent: 0, rss: MB },
      { pid: 501, parent: 1, rss: 20 * MB },
    ]);
  });
});

describe('listProcesses', () => {
  it('knows this process and its parent', async () => {
    const own = (await listProcesses()).find((one) => one.pid === process.pid);
    expect(own?.parent).toBe(process.ppid);
    expect(own?.rss).toBeGreaterThan(10 * MB);
  });
});

describe('sampleRss', () => {
  it('sees the peak of a child and of the child of a child', async () => {
    const outer = spawn(process.execPath, [
      '-e',
      `const { spawn } = require('node:child_process');
       spawn(process.execPath, ['-e', ${JSON.stringify(holder(120))}], { stdio: ['inherit', 'inherit', 'inherit'] });
       ${holder(80)}`,
    ]);
    const exit = once(outer, 'exit');
    const sampler = sampleRss(outer.pid as number);
    let said = '';
    for await (const chunk of outer.stdout.setEncoding('utf8')) if ((said += String(chunk)) === 'heldheld') break;
    await new Promise((resolve) => setTimeout(resolve, 400));
    outer.stdin.end();
    await exit;
    const peak = await sampler.stop();
    expect(peak).toBeGreaterThan(200 * MB);
    expect(peak).toBeLessThan(500 * MB);
  });

  it('is 0 for a process that is not there', async () => expect(await sampleRss(2 ** 22 + 1).stop()).toBe(0));
});
