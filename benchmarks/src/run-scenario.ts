import type { Measurement, ScenarioResult } from './result.ts';
import { api } from './scenarios/api.ts';
import { bigquery } from './scenarios/bigquery.ts';
import { counts } from './scenarios/counts.ts';
import { csv } from './scenarios/csv.ts';
import { elasticsearch } from './scenarios/elasticsearch.ts';
import { eventLoop } from './scenarios/event-loop.ts';
import { match } from './scenarios/match.ts';
import { panel } from './scenarios/panel.ts';
import { postgres } from './scenarios/postgres.ts';
import { profile } from './scenarios/profile.ts';
import { suggest } from './scenarios/suggest.ts';
import { withScratch, type RunContext } from './scenarios/run-context.ts';
import type { Scenario } from './scenario.ts';

/** Runs one scenario. A failure is a result too: the others go on, and the report says why this one has no figures. */
export async function runScenario(
  scenario: Scenario,
  options: Omit<RunContext, 'scratch'> & { commit: string },
): Promise<ScenarioResult> {
  const base = { name: scenario.name, commit: options.commit, runs: options.runs };
  try {
    const measurement = await withScratch((scratch) => measure(scenario, { ...options, scratch }));
    return { ...base, finishedAt: new Date().toISOString(), measurement, error: faultsOf(measurement) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...base, finishedAt: new Date().toISOString(), measurement: null, error: message };
  }
}

/** What went wrong with single pairs of files; the figures of the others stand. */
function faultsOf({ suggestions = [] }: Measurement): string | null {
  const faulty = suggestions.filter(({ error }) => error !== null);
  return faulty.length === 0
    ? null
    : faulty.map(({ kind, noise, error }) => `${kind}, ${noise}: ${(error ?? '').trim()}`).join('\n');
}

function measure(scenario: Scenario, context: RunContext): Promise<Measurement> {
  switch (scenario.kind) {
    case 'csv':
      return csv(scenario, context);
    case 'profile':
      return profile(scenario, context);
    case 'postgres':
      return postgres(scenario, context);
    case 'bigquery':
      return bigquery(scenario, context);
    case 'elasticsearch':
      return elasticsearch(scenario, context);
    case 'match':
      return match(scenario, context);
    case 'api':
      return api(scenario, context);
    case 'counts':
      return counts(scenario, context);
    case 'panel':
      return panel(scenario, context);
    case 'event_loop':
      return eventLoop(scenario, context);
    case 'suggest':
      return suggest(scenario, context);
  }
}
