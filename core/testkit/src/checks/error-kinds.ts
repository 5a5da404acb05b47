import { ConnectorError, type ConnectorErrorKind } from '@kalla/core';
import { failureOf, must, type ConnectorCheck } from '../check.ts';
import { isApplicable, type ConnectorSubject } from '../subject.ts';
import { calm, withConnection } from '../test-host.ts';

/** An error of this kind, in a sentence. Both when a table is looked at and when the source is checked step by step. */
async function expectKind(
  subject: ConnectorSubject,
  config: unknown,
  kind: ConnectorErrorKind,
  table: string | undefined,
): Promise<void> {
  const error = await failureOf(
    withConnection(subject.plugin, config, (connection) => connection.describe(table, calm())),
    'describe()',
  );
  must(ConnectorError.is(error), `It throws ${String(error)}, which is no ConnectorError.`);
  must(error.kind === kind, `The error is of kind "${error.kind}", where "${kind}" is meant: ${error.message}`);
  must(/^\S.{8,}[.!?]$/s.test(error.message), `The message is no sentence: "${error.message}"`);
  must(!/\bat .+:\d+:\d+/.test(error.message), `The message shows code: ${error.message}`);
}

async function expectFailedStep(subject: ConnectorSubject, config: unknown, step: string): Promise<void> {
  const steps = await withConnection(subject.plugin, config, async (connection) => {
    const found = [];
    for await (const one of connection.check(calm())) found.push(one);
    return found;
  });
  const last = steps.at(-1);
  must(last?.ok === false && last.step === step, `The check ends with ${JSON.stringify(last)}, not at "${step}".`);
  must(Boolean(last.hint), `The failed step "${step}" has no hint about what to do next.`);
}

export const wrongPasswordCheck: ConnectorCheck = {
  title: 'calls a wrong password "auth", and fails the check at "authenticate"',
  notApplicable: ({ fixtures: { wrongPassword } }) =>
    isApplicable(wrongPassword) ? undefined : wrongPassword.notApplicable,
  async run(subject) {
    const { wrongPassword, exact } = subject.fixtures;
    if (!isApplicable(wrongPassword)) return;
    await expectKind(subject, wrongPassword.config, 'auth', exact.table);
    await expectFailedStep(subject, wrongPassword.config, 'authenticate');
  },
};

export const deadHostCheck: ConnectorCheck = {
  title: 'calls a host that does not answer "unreachable", and fails the check at "reach"',
  notApplicable: ({ fixtures: { deadHost } }) => (isApplicable(deadHost) ? undefined : deadHost.notApplicable),
  async run(subject) {
    const { deadHost, exact } = subject.fixtures;
    if (!isApplicable(deadHost)) return;
    await expectKind(subject, deadHost.config, 'unreachable', exact.table);
    await expectFailedStep(subject, deadHost.config, 'reach');
  },
};

export const missingTableCheck: ConnectorCheck = {
  title: 'calls a table that is absent "not-found"',
  async run(subject) {
    const { missing } = subject.fixtures;
    await expectKind(subject, missing.config ?? subject.config, 'not-found', missing.table);
  },
};

/** Four steps, in order, each with its time and a sentence. */
export const checkStepsCheck: ConnectorCheck = {
  title: 'checks a working source in four steps: reach, authenticate, authorise, read',
  async run({ plugin, config, fixtures }) {
    const steps = await withConnection(plugin, fixtures.exact.config ?? config, async (connection) => {
      const found = [];
      for await (const step of connection.check(calm())) found.push(step);
      return found;
    });
    const names = steps.map(({ step }) => step).join(', ');
    must(names === 'reach, authenticate, authorise, read', `The steps are ${names || 'none'}.`);
    for (const { step, ok, ms, message } of steps) {
      must(ok, `The step "${step}" fails on a working source: ${message}`);
      must(ms >= 0 && /^\S.{8,}[.!?]$/s.test(message), `The step "${step}" has no time or no sentence: "${message}"`);
    }
  },
};
