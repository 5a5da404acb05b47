import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { TaskContext } from '../task-contract.ts';
import { Bench, type Both, columnName, type SideName, SIDES } from './bench.ts';
import { ExactCounts } from './exact-counts.ts';
import type { BenchSource } from './staged-cache.ts';

/** With nobody counting for this long its memory is given back. */
const IDLE_MS = 3 * 60_000;

interface Ready {
  identity: string;
  bench: Bench;
  counts: ExactCounts;
  /** True where the keys tell the rows apart: only then is what is counted here what a run counts. */
  unique: boolean;
  folder: string;
}

/**
 * The engine of the last count, with what was worked out of texts still in it, so that a changed tolerance is counted without
 * reading and normalising again. A second count at the same time gets an engine of its own.
 */
export class CountBench {
  #ready: Ready | undefined;
  #busy = false;
  #idle: NodeJS.Timeout | undefined;

  /** Runs `work` with the sides at hand; undefined where their keys do not tell rows apart. */
  async use<T>(
    sides: Both<BenchSource>,
    keys: Both<readonly number[]>,
    context: TaskContext,
    work: (counts: ExactCounts) => Promise<T>,
  ): Promise<T | undefined> {
    const identity = JSON.stringify(
      SIDES.map((side) => [sides[side].staged.path, sides[side].staged.columns, keys[side]]),
    );
    if (this.#busy) {
      const own = await open(identity, sides, keys, context);
      try {
        return own.unique ? await work(own.counts) : undefined;
      } finally {
        await close(own);
      }
    }
    this.#busy = true;
    clearTimeout(this.#idle);
    try {
      if (this.#ready?.identity !== identity) {
        await this.#drop();
        this.#ready = await open(identity, sides, keys, context);
      }
      this.#ready.bench.handTo(context);
      return this.#ready.unique ? await work(this.#ready.counts) : undefined;
    } catch (error) {
      // A statement that was cut off may have left half of a table behind.
      await this.#drop();
      throw error;
    } finally {
      this.#busy = false;
      this.#idle = setTimeout(() => void (this.#busy ? undefined : this.#drop()), IDLE_MS);
      this.#idle.unref();
    }
  }

  async #drop(): Promise<void> {
    const ready = this.#ready;
    this.#ready = undefined;
    if (ready) await close(ready);
  }
}

async function open(
  identity: string,
  sides: Both<BenchSource>,
  keys: Both<readonly number[]>,
  context: TaskContext,
): Promise<Ready> {
  const folder = await mkdtemp(path.join(context.scratchDir, 'counts-'));
  let bench: Bench | undefined;
  try {
    const staged = { left: sides.left.staged, right: sides.right.staged };
    bench = await Bench.open(staged, { ...context, scratchDir: folder });
    let unique = true;
    for (const side of SIDES) unique &&= await isUnique(bench, side, keys[side]);
    return { identity, bench, counts: new ExactCounts(bench, keys), unique, folder };
  } catch (error) {
    await bench?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function close({ bench, folder }: Ready): Promise<void> {
  await bench[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}

async function isUnique(bench: Bench, side: SideName, key: readonly number[]): Promise<boolean> {
  if (key.includes(-1)) return true;
  const names = key.map(columnName);
  const value = names.length === 1 ? names[0]! : `(${names.join(', ')})`;
  const [distinct] = await bench.numbers(
    `SELECT count(DISTINCT ${value})::VARCHAR FROM ${side}_all WHERE ${names.map((name) => `${name} IS NOT NULL`).join(' AND ')}`,
  );
  return distinct === bench.sides[side].rows;
}

/** One for the process. */
export const countBench = new CountBench();
