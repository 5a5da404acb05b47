export { cellOfMessage, cut, expectationOf } from './cell-fault.ts';
export { misfitSql } from './cell-sql.ts';
export { checkFile } from './check-file.ts';
export { decimalType, type Decision } from './decide.ts';
export { Engine } from './engine.ts';
export { filenameOf } from './file-uri.ts';
export { keyCandidates, KEY_NAME } from './keys.ts';
export { isCurrency } from './number-text.ts';
export { isReservedName, usableNames } from './names.ts';
export { profile, type Profile } from './profile.ts';
export { partOf } from './part-of.ts';
export { pinnedNotes } from './pinned-notes.ts';
export { provingSelect } from './proving-select.ts';
export { readBatches } from './read-batches.ts';
export { withWantedTypes } from './wanted-types.ts';
export { beginsTotals, namesTotals } from './totals.ts';
export {
  dateOrders,
  parseKinds,
  type DateOrder,
  type Parse,
  type ParseKind,
  type PinnedColumn,
  type TextRows,
} from './types.ts';
