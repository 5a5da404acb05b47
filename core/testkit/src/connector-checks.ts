import type { ConnectorCheck } from './check.ts';
import { configSchemaCheck } from './checks/config-schema.ts';
import { checkStepsCheck, deadHostCheck, missingTableCheck, wrongPasswordCheck } from './checks/error-kinds.ts';
import { listTablesCheck } from './checks/list-tables.ts';
import { abortCheck, leaksCheck, memoryCheck } from './checks/resources.ts';
import {
  emptyTableCheck,
  exactRowsCheck,
  limitCheck,
  projectionCheck,
  residualCheck,
  splitsCheck,
} from './checks/rows.ts';
import { secretsCheck } from './checks/secrets.ts';
import { uriCheck } from './checks/uri.ts';

/** Everything that a connector is held to, by name. */
export const connectorChecks = {
  configSchema: configSchemaCheck,
  uri: uriCheck,
  checkSteps: checkStepsCheck,
  wrongPassword: wrongPasswordCheck,
  deadHost: deadHostCheck,
  missingTable: missingTableCheck,
  secrets: secretsCheck,
  listTables: listTablesCheck,
  exactRows: exactRowsCheck,
  emptyTable: emptyTableCheck,
  projection: projectionCheck,
  limit: limitCheck,
  residual: residualCheck,
  splits: splitsCheck,
  abort: abortCheck,
  leaks: leaksCheck,
  memory: memoryCheck,
} satisfies Record<string, ConnectorCheck>;
export type ConnectorCheckName = keyof typeof connectorChecks;
