/**
 * Runs benchmarks: `npm run bench -- --scenarios all|NAME[,NAME] [--runs 5] [--quick] [--resume]`.
 * README.md says what is measured and how.
 */
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildTasks } from './build-tasks.ts';
import { readEnvironment } from './environment.ts';
import { readKept, keep } from './kept-results.ts';
import { renderReport, type ReportInput } from './report.ts';
import { runScenario } from './run-scenario.ts';
import { readScenarios, selectScenarios } from './scenario.ts';
import { verdictOf } from './verdict.ts';

const RESULTS = resolve(import.meta.dirname, '../results');
const say = (sentence: string) => console.error(sentence);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      scenarios: { type: 'string', default: 'all' },
      runs: { type: 'string', default: '5' },
      quick: { type: 'boolean', default: false },
      resume: { type: 'boolean', default: false },
    },
  });
  const runs = values.quick ? 1 : Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs takes a whole number from 1 up, not "${values.runs}".`);
  const scenarios = selectScenarios(await readScenarios(), values.scenarios, values.quick);
  // A proposal is asked for once, however many measurements there are of other things.
  const minutes = scenarios.reduce((sum, { kind, minutes }) => sum + minutes * (kind === 'suggest' ? 1 : runs / 5), 0);
  say(`${scenarios.length} scenarios, ${runs} measurements of each; about ${Math.ceil(minutes)} minutes on 2 cores.`);

  await buildTasks();
  const environment = await readEnvironment();
  const commit = environment['commit'] ?? '';
  const entries: ReportInput['entries'] = [];
  for (const [index, scenario] of scenarios.entries()) {
    say(`[${index + 1}/${scenarios.length}] ${scenario.name}: ${scenario.title}`);
    const kept = values.resume ? await readKept(scenario.name, { commit, runs }) : null;
    if (kept) say('  measured before at this commit; taken as it is');
    const result =
      kept ?? (await runScenario(scenario, { runs, warmUp: !values.quick, commit, say: (text) => say(`  ${text}`) }));
    await keep(result);
    say(`  ${result.error ?? summary(result.measurement?.ratio, result.measurement?.subject.medianMs)}`);
    entries.push({ scenario, result });
  }

  const date = new Date().toISOString();
  const report = renderReport({
    date: date.slice(0, 16).replace('T', ' ') + ' UTC',
    environment,
    entries,
    quick: values.quick,
  });
  const name = `${date.slice(0, 10)}-${values.scenarios.replace(/[^a-z0-9_]+/g, '-').slice(0, 60)}`;
  // A report without a figure, or with too few, must not replace a good one.
  await publish(report, !values.quick && entries.some(({ result }) => result.measurement) ? name : null);
  const failed = entries.filter(({ result }) => result.error !== null);
  const over = entries.filter(
    ({ scenario, result }) => result.measurement && verdictOf(scenario.limits, result.measurement).kept === false,
  );
  if (over.length > 0) say(`Over what is promised: ${over.map(({ scenario }) => scenario.name).join(', ')}.`);
  // A figure over its promise depends on the machine and is for people to judge; a scenario that could not be measured, or a wrong result, fails.
  return failed.length > 0 ? 1 : 0;
}

/** Prints the report, adds it to the summary of a CI job, and writes it to `results/` where it has a name. */
async function publish(report: string, name: string | null): Promise<void> {
  console.log(report);
  if (process.env['GITHUB_STEP_SUMMARY']) await appendFile(process.env['GITHUB_STEP_SUMMARY'], report);
  if (name === null) return;
  await mkdir(RESULTS, { recursive: true });
  for (const file of [`${name}.md`, 'latest.md']) await writeFile(join(RESULTS, file), report);
  say(`Written to benchmarks/results/${name}.md and latest.md.`);
}

function summary(ratio: number | null | undefined, ms: number | undefined): string {
  return `${ms?.toFixed(0)} ms${ratio ? `, ${ratio.toFixed(2)} times the limit` : ''}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
