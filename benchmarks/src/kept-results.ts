import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DATA } from './cache.ts';
import { scenarioResultSchema, type ScenarioResult } from './result.ts';

const FOLDER = join(DATA, 'results');

/** Keeps a result as soon as it is there, so that an interrupted `--scenarios all` goes on with `--resume`. */
export async function keep(result: ScenarioResult, folder = FOLDER): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${result.name}.json`);
  await writeFile(`${path}.part`, `${JSON.stringify(result, null, 2)}\n`);
  await rename(`${path}.part`, path);
}

/** The kept result of a scenario where it is one of the same commit and number of runs and did not fail, else null. */
export async function readKept(
  name: string,
  wanted: { commit: string; runs: number },
  folder = FOLDER,
): Promise<ScenarioResult | null> {
  // The same words may stand for other code.
  if (wanted.commit === 'unknown' || wanted.commit.endsWith('+changes')) return null;
  let text: string;
  try {
    text = await readFile(join(folder, `${name}.json`), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const kept = scenarioResultSchema.parse(JSON.parse(text));
  return kept.error === null && kept.commit === wanted.commit && kept.runs === wanted.runs ? kept : null;
}
