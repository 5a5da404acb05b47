/** One measurement in a process of its own: `task.ts NAME JSON`; the last line that it prints is the result as JSON. */
import { bigqueryDrain } from './bigquery-drain.ts';
import { elasticsearchDrain } from './elasticsearch-limit.ts';
import { csvLimit, matchLimit } from './limits.ts';
import { match } from './match.ts';
import { describe, stage } from './stage.ts';

const tasks = { bigqueryDrain, csvLimit, describe, elasticsearchDrain, match, matchLimit, stage };

const [name, input] = process.argv.slice(2);
if (name === undefined || !Object.hasOwn(tasks, name)) throw new Error(`No task is called ${name}.`);
try {
  console.log(JSON.stringify(await tasks[name as keyof typeof tasks](JSON.parse(input ?? '{}'))));
} catch (error) {
  // The report shows the sentence; a stack would drown it. KALLA_BENCH_STACK=1 is for looking into a failure.
  console.error(process.env['KALLA_BENCH_STACK'] || !(error instanceof Error) ? error : error.message);
  process.exitCode = 1;
}
