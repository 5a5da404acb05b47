/** A table as a user names it. Parts that are absent come from the settings. */
export interface TableName {
  project: string | null;
  dataset: string | null;
  table: string;
}

const PART = '[^.`:]+';
const NAME = new RegExp(`^(?:(${PART}(?::[^.:\`]+)?)[.:](?=${PART}\\.))?(?:(${PART})\\.)?(${PART})$`);

/**
 * Reads `table`, `dataset.table`, `project.dataset.table` or `project:dataset.table`, also in backticks as the console copies
 * it. Null where it is none of these.
 *
 * @example parseTableName('`acme-finance.ledger.invoices`') // { project: 'acme-finance', dataset: 'ledger', table: 'invoices' }
 */
export function parseTableName(text: string): TableName | null {
  const match = NAME.exec(text.trim().replaceAll('`', ''));
  const table = match?.[3];
  if (!match || table === undefined) return null;
  return { project: match[1] ?? null, dataset: match[2] ?? null, table };
}
