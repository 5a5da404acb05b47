import { ProblemError, type ReadAddress, type SourceDraft, type SourceRef } from '@kalla/core';
import { mergeDeep, withoutShown } from '../merge.server.ts';
import { services } from '../services.server.ts';
import { secretsOf, sourceRow, stayed } from './sources.server.ts';

/**
 * A source that is not saved, as the worker takes it: never log it. Where it is the change of a saved one, secrets that the
 * draft does not name are that source's own; they are not given to a connector of another type.
 */
export async function draftRef(draft: SourceDraft): Promise<SourceRef> {
  const { type, config, table, alias } = draft;
  const ref = (full: Record<string, unknown>) => ({ type, config: full, ...(table === undefined ? {} : { table }) });
  if (alias !== undefined) {
    const row = await sourceRow(alias);
    if (row.type !== type) {
      throw new ProblemError('validation', `The source "${alias}" is of type "${row.type}" and not "${type}".`, [
        { field: 'source.type', message: 'another type than the saved source' },
      ]);
    }
    const kept = await secretsOf(alias);
    // An address that is sent as it was shown, without its password, is the stored one.
    const change = withoutShown(config, row.config, kept);
    const whole = ref(mergeDeep(kept, change));
    stayed(row, kept, change, await services().worker.normalize(whole));
    return whole;
  }
  return ref(mergeDeep(config));
}

/** Takes an address apart into the settings of its connector. The answer holds the secret of the address: never log it. */
export async function readAddress(uri: string, type: string | undefined): Promise<ReadAddress> {
  const found = await services().worker.normalize({ type, uri });
  return { type: found.type, table: found.table, config: mergeDeep(found.public_config, found.secrets) };
}
