import type { ValidateRequest, Validation } from '@kalla/core';
import { checkRule } from './check-rule.ts';

/**
 * Says whether a match rule can be used, and if not, why and what to write instead. Reads no data.
 *
 * Without `columns` only what does not depend on them is checked: one SELECT, allowed functions and tables, the portable subset, and
 * the keys, where the SELECT list names its columns.
 *
 * @example
 * await validateMatchSql({ match_sql: 'SELECT * FROM read_csv(\'x\')', left, right });
 * // { valid: false, errors: [{ message: 'A rule reads its two sources only: …', position: 14 }], warnings: [] }
 */
export async function validateMatchSql(request: ValidateRequest): Promise<Validation> {
  const { errors, warnings } = await checkRule(request);
  return { valid: errors.length === 0, errors, warnings };
}
