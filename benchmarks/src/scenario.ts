import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { kindNames } from './generate/pairs/kinds/index.ts';
import { noiseNames } from './generate/pairs/noise.ts';

/** The folder of the scenario files; each is named after its scenario. */
export const SCENARIOS = resolve(import.meta.dirname, '../scenarios');

const rows = z.number().int().positive();
const common = {
  /** A sentence for the report. */
  title: z.string().min(1),
  /** Data is made from it; the same seed makes the same data. */
  seed: z.number().int().min(0).max(1_000_000).default(1),
  /** Minutes the whole scenario takes on 2 cores, data included; what `--scenarios all` adds up and says. */
  minutes: z.number().positive(),
  /** A single measurement that takes longer is ended and the scenario fails. */
  timeout_s: z.number().positive(),
  /** Taken by `--quick`. */
  quick: z.boolean().default(false),
  /** What must not be exceeded, where the project has promised it for this size. */
  limits: z
    .strictObject({
      /** Times the limit that is measured in the same run. */
      ratio: z.number().positive().optional(),
      /** Peak resident memory of the process tree, megabytes of 1,000,000 bytes. */
      rss_mb: z.number().positive().optional(),
      /** Milliseconds that no single measurement may exceed. */
      max_ms: z.number().positive().optional(),
      /** Milliseconds, the median. */
      ms: z.number().positive().optional(),
    })
    .default({}),
};

/** One scenario file. */
export const scenarioSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('csv'), rows, ...common }),
  z.strictObject({ kind: z.literal('profile'), rows, ...common }),
  z.strictObject({ kind: z.literal('postgres'), rows, ...common }),
  z.strictObject({ kind: z.literal('bigquery'), rows, ...common }),
  z.strictObject({ kind: z.literal('elasticsearch'), rows, ...common }),
  z.strictObject({ kind: z.literal('match'), rows, ...common }),
  z.strictObject({ kind: z.literal('api'), ...common }),
  z.strictObject({ kind: z.literal('counts'), rows, ...common }),
  z.strictObject({ kind: z.literal('panel'), ...common }),
  z.strictObject({ kind: z.literal('event_loop'), rows, at_once: z.number().int().positive(), ...common }),
  z.strictObject({
    kind: z.literal('suggest'),
    rows,
    /** Kinds of pairs and levels of noise; each is tried with each. */
    pairs: z.array(z.enum(kindNames)).default(kindNames),
    noise: z.array(z.enum(noiseNames)).default([...noiseNames]),
    /** Whether nothing is run, so that only time and memory are known. */
    time_only: z.boolean().default(false),
    ...common,
  }),
]);
type ScenarioFile = z.infer<typeof scenarioSchema>;
export type Scenario = ScenarioFile & { name: string };
export type ScenarioOf<K extends Scenario['kind']> = Extract<Scenario, { kind: K }>;

/** Reads one scenario file. Throws a sentence that names the file and the field. */
export async function readScenario(path: string): Promise<Scenario> {
  const name = basename(path, '.json');
  const parsed = scenarioSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!parsed.success) throw new Error(`The scenario ${name} is not valid.\n${z.prettifyError(parsed.error)}`);
  return { name, ...parsed.data };
}

const ORDER: Scenario['kind'][] = [
  'csv',
  'profile',
  'postgres',
  'bigquery',
  'elasticsearch',
  'match',
  'api',
  'counts',
  'panel',
  'event_loop',
  'suggest',
];

/** Every scenario of a folder, by kind and then from small to large. */
export async function readScenarios(folder = SCENARIOS): Promise<Scenario[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const all = await Promise.all(names.map((name) => readScenario(join(folder, name))));
  const size = (scenario: Scenario) => ('rows' in scenario ? scenario.rows : 0);
  return all.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || size(a) - size(b));
}

/**
 * Picks scenarios as `--scenarios` says: `all`, or names with commas between them. With `quick`, `all` means the small ones.
 *
 * @throws Error that names the unknown ones and lists those that exist.
 */
export function selectScenarios(all: readonly Scenario[], wanted: string, quick: boolean): Scenario[] {
  if (wanted === 'all') return all.filter((scenario) => !quick || scenario.quick);
  const names = wanted.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !all.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `No scenario is called ${unknown.join(', ')}. There are: ${all.map((one) => one.name).join(', ')}.`,
    );
  }
  return all.filter((scenario) => names.includes(scenario.name));
}
