import { ConnectorError } from '@kalla/core';
import { must, mustNotReveal, type ConnectorCheck } from '../check.ts';
import { isApplicable, type ConnectorSubject } from '../subject.ts';
import { calm, withConnection } from '../test-host.ts';

/** No secret leaves the connector, whatever happens to it: work that succeeds, a wrong password, a host that is not there. */
export const secretsCheck: ConnectorCheck = {
  title: 'never puts a secret into an error, a check step or a log line',
  notApplicable: ({ secrets }) => (secrets.length === 0 ? 'the source has no secret' : undefined),
  async run(subject) {
    const { config, secrets } = subject;
    const attempts = [config, ...withError(subject)];
    for (const attempt of attempts) {
      const { texts, lines } = await everythingSaid(subject, attempt);
      must(texts.length > 0, 'Nothing was said, so nothing is proved.');
      for (const text of texts) mustNotReveal(secrets, text, 'an error or a step');
      for (const line of lines) mustNotReveal(secrets, line, 'the log');
    }
  },
};

function withError({ fixtures }: ConnectorSubject): unknown[] {
  return [fixtures.wrongPassword, fixtures.deadHost].flatMap((fixture) =>
    isApplicable(fixture) ? [fixture.config] : [],
  );
}

async function everythingSaid({ plugin, fixtures }: ConnectorSubject, config: unknown) {
  const texts: string[] = [];
  const lines = await withConnection(plugin, config, async (connection, host) => {
    const hear = async (work: () => Promise<unknown>) => {
      try {
        texts.push(JSON.stringify(await work()));
      } catch (error) {
        texts.push(textOf(error));
      }
    };
    await hear(async () => {
      const steps = [];
      for await (const step of connection.check(calm())) steps.push(step);
      return steps;
    });
    await hear(() => connection.listTables({ limit: 5 }, calm()));
    await hear(() => connection.describe(fixtures.exact.table, calm()));
    await hear(() => connection.describe(fixtures.missing.table, calm()));
    await hear(() => connection.plan({ table: fixtures.exact.table }, calm()));
    return host.lines;
  });
  return { texts, lines };
}

/** All that a log would print of an error, its causes too. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = ConnectorError.is(error) ? JSON.stringify({ hint: error.hint, faults: error.faults }) : '';
  return `${error.message} ${own} ${error.stack ?? ''} ${error.cause === undefined ? '' : textOf(error.cause)}`;
}
