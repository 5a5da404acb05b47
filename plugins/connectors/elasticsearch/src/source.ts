import { ConnectorError } from '@kalla/core';
import type { TableMapping } from './mapping.ts';

/** Throws where the documents themselves are not kept: then nothing can be read exactly. */
export function requireSource(table: string, { hasSource }: TableMapping): void {
  if (hasSource) return;
  throw new ConnectorError(
    'config',
    `"${table}" does not keep its documents (_source is switched off), so they cannot be read.`,
    { field: 'table', hint: 'Choose an index that keeps them, or have it filled anew with _source switched on.' },
  );
}
