import { visibleText } from '@kalla/ui';
import { messages } from './messages.ts';

/** What is said where a search, or the whole source where `searched` is empty, has shown no table; `next` as in `TablesPage`. */
export function emptyList(searched: string, next: string | null): string {
  if (next !== null) return searched ? messages.noTableFitsYet(visibleText(searched)) : messages.noTablesYet;
  return searched ? messages.noTableFits(visibleText(searched)) : messages.noTables;
}
