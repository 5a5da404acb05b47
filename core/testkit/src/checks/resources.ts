import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ConnectorError } from '@kalla/core';
import { failureOf, must, type ConnectorCheck } from '../check.ts';
import { eventually } from '../read-all.ts';
import { isApplicable } from '../subject.ts';
import { calm, withConnection } from '../test-host.ts';

/** The user pressed "cancel": within this time nothing of it is at work on the server. */
const STOP_MS = 2_000;

export const abortCheck: ConnectorCheck = {
  title: 'stops the work on the server within two seconds when the signal aborts, and says "cancelled"',
  async run({ plugin, config, fixtures }) {
    const { large, openOnServer } = fixtures;
    const open = isApplicable(openOnServer) ? openOnServer : async () => 0;
    const before = await open();
    await withConnection(plugin, large.config ?? config, async (connection) => {
      const plan = await connection.plan({ table: large.table }, calm());
      const stop = new AbortController();
      const batches = connection.read(plan, plan.splits[0]!, { signal: stop.signal })[Symbol.asyncIterator]();
      must(!(await batches.next()).done, 'The large table has no row.');
      const began = performance.now();
      stop.abort();
      const error = await failureOf(
        (async () => {
          while (!(await batches.next()).done);
        })(),
        'A read whose signal was aborted',
      );
      must(
        ConnectorError.is(error) && error.kind === 'cancelled',
        `An aborted read ends with ${String(error)}, not with kind "cancelled".`,
      );
      must(performance.now() - began < STOP_MS, `The read went on for ${Math.round(performance.now() - began)} ms.`);
      const already = await failureOf(
        connection.plan({ table: large.table }, { signal: AbortSignal.abort() }),
        'A call whose signal was aborted before',
      );
      must(ConnectorError.is(already) && already.kind === 'cancelled', `It ends with ${String(already)}.`);
      // What keeps one moment for all splits may stay until the connection is closed; the statement may not.
      await eventually(open, (count) => count <= before + 1, STOP_MS);
    });
    await eventually(open, (count) => count <= before, STOP_MS);
  },
};

export const leaksCheck: ConnectorCheck = {
  title: 'leaves nothing open on the server, also where a read is left early or a call fails',
  notApplicable: ({ fixtures: { openOnServer } }) =>
    isApplicable(openOnServer) ? undefined : openOnServer.notApplicable,
  async run({ plugin, config, fixtures }) {
    const { large, missing, openOnServer } = fixtures;
    if (!isApplicable(openOnServer)) return;
    const before = await openOnServer();
    for (let round = 0; round < 3; round += 1) {
      await withConnection(plugin, large.config ?? config, async (connection) => {
        const plan = await connection.plan({ table: large.table }, calm());
        for await (const batch of connection.read(plan, plan.splits[0]!, calm())) {
          must(batch.numRows > 0, 'A batch without rows.');
          break;
        }
        await failureOf(connection.describe(missing.table ?? 'no such table', calm()), 'describe()').catch(() => null);
      });
    }
    await eventually(openOnServer, (count) => count <= before, STOP_MS);
  },
};

export const memoryCheck: ConnectorCheck = {
  title: 'reads a large table in bounded memory',
  async run({ plugin, config, fixtures }) {
    const { large } = fixtures;
    await withConnection(plugin, large.config ?? config, async (connection) => {
      const plan = await connection.plan({ table: large.table }, calm());
      const before = held();
      // What only waits to be collected is not held; how much of that there is, the collector decides.
      const heldSince = async () => {
        if (held() - before >= large.boundedBytes) await collectGarbage();
        return held() - before;
      };
      let peak = 0;
      let rows = 0;
      for (const split of plan.splits) {
        for await (const batch of connection.read(plan, split, calm())) {
          rows += batch.numRows;
          // A reader that is slower than the source: what is read ahead without bound piles up meanwhile.
          await new Promise((resolve) => setTimeout(resolve, 5));
          peak = Math.max(peak, await heldSince());
        }
      }
      must(rows === large.rows, `${rows} rows were read, ${large.rows} are there.`);
      const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
      must(peak < large.boundedBytes, `${megabytes(peak)} were held; ${megabytes(large.boundedBytes)} are allowed.`);
    });
  },
};

function held(): number {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

/** Node has it only behind a flag, which can be set while it runs. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  // Buffers are freed in the background, those that a finalizer holds only by the next collection.
  await new Promise((resolve) => setTimeout(resolve, 50));
  collect();
}
