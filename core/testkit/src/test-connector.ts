import { afterAll, beforeAll, describe, it } from 'vitest';
import { connectorChecks } from './connector-checks.ts';
import type { ConnectorSubject } from './subject.ts';

/** Seconds that one check may take; a large table on a slow server takes some. */
const TIMEOUT_MS = 120_000;

export interface SubjectSetup<C> {
  subject: ConnectorSubject<C>;
  /** Removes what the fixtures made. */
  dispose?(): PromiseLike<void>;
}

/**
 * Registers the conformance tests of a connector with vitest, one for each check. `setup` makes the fixtures in a real source.
 * A check that a source cannot have (a file has no password) says why in its name.
 *
 * @example
 * testConnector('postgres', async () => {
 *   const db = await createTestDatabase(address);
 *   return { subject: { plugin, config: db.config, uri: db.uri, secrets: [db.config.password], fixtures }, dispose: () => db.drop() };
 * });
 */
export function testConnector<C>(name: string, setup: () => Promise<SubjectSetup<C>>): void {
  describe(`${name}, as every connector,`, () => {
    let made: SubjectSetup<C>;
    beforeAll(async () => {
      made = await setup();
    }, TIMEOUT_MS);
    afterAll(async () => {
      await made?.dispose?.();
    }, TIMEOUT_MS);
    for (const check of Object.values(connectorChecks)) {
      it(
        check.title,
        async (context) => {
          const subject = made.subject as unknown as ConnectorSubject;
          const reason = check.notApplicable?.(subject);
          if (reason !== undefined) {
            // Said where people look, and counted as passed: there is nothing that could be looked at.
            await context.annotate(`Not applicable: ${reason}`);
            return;
          }
          await check.run(subject);
        },
        TIMEOUT_MS,
      );
    }
  });
}
