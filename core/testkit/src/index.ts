export { batchOf } from '@kalla/core/arrow';
export { must, failureOf, type ConnectorCheck } from './check.ts';
export { connectorChecks, type ConnectorCheckName } from './connector-checks.ts';
export { eventually, readAll } from './read-all.ts';
export { spellCell, spellRows } from './spell-cell.ts';
export type { Cell, ConnectorSubject, ExactFixture, FilterFixture, NotApplicable, TableFixture } from './subject.ts';
export { testConnector, type SubjectSetup } from './test-connector.ts';
export { TestFiles } from './test-files.ts';
export { calm, TestHost, withConnection } from './test-host.ts';
