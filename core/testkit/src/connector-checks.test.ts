import { describe, expect, it } from 'vitest';
import type { ConnectorSubject } from './subject.ts';
import { connectorChecks, type ConnectorCheckName } from './connector-checks.ts';
import { memorySubject, type Faults } from './testing/memory-connector.ts';
import { testConnector } from './test-connector.ts';

testConnector('the connector in memory', async () => ({ subject: memorySubject() }));

/** Every fault, the check that has to see it, and what it says. */
const seen: Record<keyof Faults, [check: ConnectorCheckName, says: RegExp]> = {
  noWriteOnly: ['configSchema', /not "writeOnly"/],
  secretInError: ['secrets', /secret stands in an error/],
  secretInLog: ['secrets', /secret stands in the log/],
  secretInUri: ['uri', /secret stands in the URI/],
  uriChanges: ['uri', /URI changes/],
  stepMissing: ['checkSteps', /The steps are reach, authenticate, read/],
  noHint: ['wrongPassword', /no hint/],
  deadIsTransient: ['deadHost', /of kind "transient", where "unreachable"/],
  wrongKind: ['missingTable', /of kind "bug", where "not-found"/],
  codeInMessage: ['missingTable', /shows code/],
  tableTwice: ['listTables', /listed twice/],
  searchFindsNothing: ['listTables', /search by the beginning/],
  roundsMoney: ['exactRows', /-1204\.50/],
  roundsLargeNumbers: ['exactRows', /9007199254740993/],
  nullIsEmpty: ['exactRows', /null/],
  dropsZone: ['exactRows', /T08:00:00/],
  cutsAstral: ['exactRows', /𝔸/],
  noColumnsWhenEmpty: ['emptyTable', /gives the columns ,/],
  ignoresProjection: ['projection', /gives the columns id int64, amount/],
  ignoresLimit: ['limit', /limit of 1 gave 3 rows/],
  limitsBeforeFilter: ['limit', /left over, and a limit of 1 .* 1 of 3 rows/],
  claimsFilter: ['residual', /said to be applied: 1 rows, not 3/],
  forgetsFilter: ['residual', /neither applied nor left over/],
  losesLastSplit: ['splits', /20000 rows together; the table has 40000/],
  overlapsSplits: ['splits', /40001 rows together/],
  ignoresAbort: ['abort', /should have failed/],
  saysTransientOnAbort: ['abort', /not with kind "cancelled"/],
  leaks: ['leaks', /Not within/],
  readsAhead: ['memory', /were held/],
};

describe('each check sees a connector that is broken in its way', () => {
  for (const [fault, [check, says]] of Object.entries(seen)) {
    it(`${fault}: ${connectorChecks[check].title}`, async () => {
      const subject = memorySubject({ [fault]: true }) as unknown as ConnectorSubject;
      await expect(connectorChecks[check].run(subject)).rejects.toThrow(says);
    });
  }

  it('and no check is without a fault that it sees', () => {
    const proved = new Set(Object.values(seen).map(([check]) => check));
    expect(Object.keys(connectorChecks).filter((name) => !proved.has(name as ConnectorCheckName))).toEqual([]);
  });
});
