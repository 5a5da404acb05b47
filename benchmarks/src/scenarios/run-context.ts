import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a scenario needs besides its own file. */
export interface RunContext {
  /** Measurements of each kind that count. */
  runs: number;
  /** Whether a first measurement of each kind is thrown away. */
  warmUp: boolean;
  /** An empty folder that is deleted after the scenario. */
  scratch: string;
  say(sentence: string): void;
}

/** Runs `work` with an empty folder and deletes that afterwards. KALLA_BENCH_SCRATCH moves it to another disk. */
export async function withScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(process.env['KALLA_BENCH_SCRATCH'] || tmpdir(), 'kalla-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
