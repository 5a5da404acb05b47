import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One process and what it holds in memory, in bytes. */
export interface ProcessMemory {
  pid: number;
  parent: number;
  rss: number;
}

/** Sum of the resident memory of a process and all that descend from it. Shared pages count once for each process. */
export function treeRss(processes: readonly ProcessMemory[], root: number): number {
  const children = new Map<number, ProcessMemory[]>();
  for (const one of processes) children.set(one.parent, [...(children.get(one.parent) ?? []), one]);
  const own = processes.find((one) => one.pid === root);
  let sum = 0;
  const open = own ? [own] : [];
  for (let one = open.pop(); one; one = open.pop()) {
    sum += one.rss;
    open.push(...(children.get(one.pid) ?? []));
  }
  return sum;
}

/** All processes of this machine that can be seen: from /proc where it is there, else from `ps`. */
export async function listProcesses(): Promise<ProcessMemory[]> {
  return process.platform === 'linux' ? listFromProc() : parsePs((await run('ps', ['-axo', 'pid=,ppid=,rss='])).stdout);
}

/** The children of a process, with the command of each as it was started. */
export async function childrenOf(parent: number): Promise<{ pid: number; command: string }[]> {
  const children = (await listProcesses()).filter((one) => one.parent === parent);
  return Promise.all(children.map(async ({ pid }) => ({ pid, command: await commandOf(pid) })));
}

async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') return (readIfThere(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ');
  return (await run('ps', ['-o', 'args=', '-p', String(pid)])).stdout;
}

function listFromProc(): ProcessMemory[] {
  const found: ProcessMemory[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const status = readIfThere(`/proc/${entry}/status`);
    if (status) found.push(parseStatus(status));
  }
  return found;
}

/** Reads `/proc/PID/status`. A process that is ending has no memory left and no `VmRSS`. */
export function parseStatus(status: string): ProcessMemory {
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
  return {
    pid: Number(field('Pid')),
    parent: Number(field('PPid')),
    rss: (Number.parseInt(field('VmRSS'), 10) || 0) * 1024,
  };
}

/** Reads the output of `ps -axo pid=,ppid=,rss=`; its unit is kibibytes. */
export function parsePs(output: string): ProcessMemory[] {
  return output
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, parent, rss]) => ({
      pid: Number(pid),
      parent: Number(parent),
      rss: Number(rss) * 1024,
    }));
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // It ended between the listing and the reading.
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}
