import { ConnectorError, type CheckStep, type CheckStepName, type ConnectorHost, type Operation } from '@kalla/core';

/** The check of a file: it is there, it may be read, and its first row can be read. A file has no sign-in of its own. */
export async function* checkFile(
  config: { uri: string },
  host: ConnectorHost,
  operation: Operation,
  readOne: () => Promise<string>,
): AsyncGenerator<CheckStep> {
  const steps: [CheckStepName, () => Promise<string>][] = [
    ['reach', async () => `The file is there: ${(await host.localFile(config.uri, operation)).bytes} bytes.`],
    ['authenticate', () => Promise.resolve('A file needs no sign-in.')],
    ['authorise', () => Promise.resolve('The file may be read.')],
    ['read', readOne],
  ];
  for (const [step, run] of steps) {
    const start = performance.now();
    const ms = () => Math.round(performance.now() - start);
    try {
      const message = await run();
      yield { step, ok: true, ms: ms(), message };
    } catch (error) {
      if (!ConnectorError.is(error) || error.kind === 'cancelled') throw error;
      const failed = error.kind === 'permission' && step === 'reach' ? 'authorise' : step;
      yield { step: failed, ok: false, ms: ms(), message: error.message, ...(error.hint ? { hint: error.hint } : {}) };
      return;
    }
  }
}
