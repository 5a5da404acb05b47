import { ConnectorError, type UploadOptions, quotedNames } from '@kalla/core';
import type { PinnedColumn } from '@kalla/files';
import type { Pinned } from './config.ts';
import type { LoadedSheet } from './read.ts';

/** The options that read a sheet as it was described. */
export function pinnedOptions(options: UploadOptions, pinned: Pinned): UploadOptions {
  return { ...options, header: pinned.header, skip_lines: pinned.skip_lines };
}

/** The typed columns of a description. */
export function pinnedColumns(pinned: Pinned): PinnedColumn[] {
  return pinned.columns.map(({ name, type, kind, decimal, currency, order }) => ({
    name,
    type,
    parse: { kind, ...(decimal ? { decimal } : {}), ...(currency ? { currency } : {}), ...(order ? { order } : {}) },
  }));
}

/** Throws `schema-changed` where the sheet is not what it was when it was described. */
export function checkPinned(pinned: Pinned, loaded: LoadedSheet, file: string): void {
  const expected = pinned.columns.map(({ name }) => name);
  const { names } = loaded.rows;
  const missing = expected.filter((name) => !names.includes(name));
  const added = names.filter((name) => !expected.includes(name));
  if (missing.length || added.length) {
    const parts = [
      missing.length ? `${quotedNames(missing)} missing` : '',
      added.length ? `${quotedNames(added)} new` : '',
    ];
    throw new ConnectorError(
      'schema-changed',
      `The columns of the sheet "${pinned.sheet}" in ${file} are not those it was set up with: ${parts.filter(Boolean).join('; ')}.`,
      { hint: 'Give the workbook with the old columns, or set the source up again.' },
    );
  }
  if (expected.some((name, index) => names[index] !== name)) {
    throw new ConnectorError(
      'schema-changed',
      `The columns of the sheet "${pinned.sheet}" in ${file} stand in another order than before.`,
      {
        hint: 'Set the source up again.',
      },
    );
  }
  if (loaded.complete && loaded.footerRows !== pinned.footer_rows) {
    throw new ConnectorError(
      'schema-changed',
      `The sheet "${pinned.sheet}" in ${file} ends with ${loaded.footerRows} rows below the rows; it was set up with ${pinned.footer_rows}.`,
      { hint: 'Set the source up again, so that no row is taken for a total.' },
    );
  }
}
