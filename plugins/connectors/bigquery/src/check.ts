import { ConnectorError, type CheckStep, type CheckStepName, type Operation } from '@kalla/core';
import { listTables } from './catalog.ts';
import type { BigQueryConfig } from './config.ts';
import type { Identity } from './credentials.ts';
import { toConnectorError } from './errors.ts';
import { inBytes, planRead, type Tools } from './plan.ts';
import { readSplit } from './read.ts';

interface Subject {
  config: BigQueryConfig;
  reach(): Promise<string>;
  open(): Promise<Tools & { identity: Identity }>;
}

/** Checks a connection step by step, each on its own clock. A failed step says the likely cause and what to do; then it ends. */
export async function* checkConnection(subject: Subject, operation: Operation): AsyncGenerator<CheckStep, void, void> {
  const { config } = subject;
  let tools: (Tools & { identity: Identity }) | undefined;
  let refused: ConnectorError | undefined;
  let table: string | undefined;
  const steps: Array<[CheckStepName, () => Promise<string>]> = [
    ['reach', async () => `${await subject.reach()} answers.`],
    [
      'authenticate',
      async () => {
        tools = await subject.open();
        // The first call that needs an identity. Whether it is let in is this step; whether it may look, and still has quota
        // for it, is the next.
        refused = await failureOf(() => listTables(tools!.rest, config, { limit: 1 }, operation));
        if (refused && !['permission', 'not-found', 'rate-limit'].includes(refused.kind)) throw refused;
        return config.credentials.kind === 'none'
          ? 'Nobody signs in here.'
          : `Signed in as ${tools.identity.account ?? 'the worker’s own identity'}.`;
      },
    ],
    [
      'authorise',
      async () => {
        if (refused) throw refused;
        const { items } = await listTables(tools!.rest, config, { limit: 50 }, operation);
        table = (items.find(({ kind }) => kind === 'table') ?? items[0])?.id;
        const where = config.dataset ? `dataset "${config.dataset}"` : `project "${config.project}"`;
        if (table === undefined) {
          throw new ConnectorError('permission', `No table is to be seen in ${where}.`, {
            hint: `Check the ${config.dataset ? 'dataset' : 'project'}, or ask for the role roles/bigquery.dataViewer on it.`,
          });
        }
        return items.length > 1
          ? `Tables of ${where} are listed, ${table} among them.`
          : `The table ${table} is listed.`;
      },
    ],
    ['read', () => readOne(tools!, table!, operation)],
  ];
  for (const [step, work] of steps) {
    const started = performance.now();
    const ms = () => Math.round((performance.now() - started) * 10) / 10;
    try {
      const message = await work();
      yield { step, ok: true, ms: ms(), message };
    } catch (error) {
      const problem = toConnectorError(error, { config, signal: operation.signal, account: tools?.identity.account });
      if (problem.kind === 'cancelled') throw problem;
      yield { step, ok: false, ms: ms(), message: problem.message, ...(problem.hint ? { hint: problem.hint } : {}) };
      return;
    }
  }
}

/** A row of a table; of a view only what reading it would cost, because a query is billed as a whole. */
async function readOne(tools: Tools, table: string, operation: Operation): Promise<string> {
  const plan = await planRead(tools, { table, limit: 1 }, operation);
  const { way } = plan.bigquery;
  if (way.kind === 'query') {
    const { bytes } = plan.estimate;
    return `${table} may be queried${bytes === null ? '' : `; a query would go through ${inBytes(bytes)}`}.`;
  }
  let rows = 0;
  for await (const batch of readSplit(tools, plan, plan.splits[0]!, operation)) rows += batch.numRows;
  const how = way.kind === 'session' ? 'over the Storage Read API' : 'over REST, which is slower';
  return rows > 0 ? `A row of ${table} was read ${how}.` : `${table} was read ${how}; it is empty.`;
}

async function failureOf(work: () => Promise<unknown>): Promise<ConnectorError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (ConnectorError.is(error)) return error;
    throw error;
  }
}
