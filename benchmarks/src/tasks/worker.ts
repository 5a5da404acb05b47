/**
 * The worker's own code, for figures that are about the work and not about starting processes: the one exception to the
 * import rules, explained in README.md.
 */
/* eslint-disable kalla/boundaries -- benchmarks measure the worker from inside; nothing imports the benchmarks */
export { checkRule } from '../../../worker/src/engine/check-rule.ts';
export { Engine } from '../../../worker/src/engine/engine.ts';
export { reportKeys } from '../../../worker/src/engine/key-report.ts';
export { matchStaged, type MatchSide } from '../../../worker/src/engine/match.ts';
export { sumsOf } from '../../../worker/src/engine/sums.ts';
export { parseEnv } from '../../../worker/src/env.ts';
export { discoverConnectors } from '../../../worker/src/plugins/discover.ts';
export { loadConnector } from '../../../worker/src/plugins/load-connector.ts';
export { readsFiles } from '../../../worker/src/sources/find-connector.ts';
export { stageSource, type StagedSource } from '../../../worker/src/staging/stage-source.ts';
export type { TaskContext } from '../../../worker/src/task-contract.ts';
