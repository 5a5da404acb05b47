import { ConnectorError, type CellFault } from '@kalla/core';
import { cut } from '@kalla/files';

/** True where the engine's message is about the layout of the CSV text: ragged rows, quotes, encoding, line ends. */
export function isLayoutMessage(message: string): boolean {
  return /CSV Error on Line|CSV Parser state machine|Invalid unicode|maximum line size|Parallel CSV Reader currently does not/i.test(
    message,
  );
}

/** A packed file that would become larger than any file that is read here. */
export function unpacksTooLarge(name: string, maxBytes: number): ConnectorError {
  const [unit, unitName] = (
    [
      [1024 ** 3, 'GiB'],
      [1024 ** 2, 'MiB'],
    ] as const
  ).find(([size]) => maxBytes % size === 0) ?? [1, 'bytes'];
  return new ConnectorError(
    'type',
    `${name} unpacks to more than ${maxBytes / unit} ${unitName}, the most that is read of one file here.`,
    {
      hint: 'Split it into smaller files. The operator can raise the limit with KALLA_MAX_FILE_BYTES.',
    },
  );
}

/** A cell that does not fit its column: the first fault makes the sentence, all go along (at most 20). */
export function cellError(file: string, faults: CellFault[]): ConnectorError {
  const [first] = faults;
  const hint = 'Mend the cell, or choose Text for this column.';
  const where = first?.line === undefined ? file : `${file}, line ${first.line}`;
  const more = faults.length > 1 ? ` ${faults.length} such cells were found.` : '';
  return new ConnectorError(
    'type',
    `${where}, column "${first?.column ?? '?'}": "${cut(first?.value ?? '')}" is ${first?.message ?? 'not of this type'}.${more}`,
    { hint, faults: faults.slice(0, 20).map((fault) => ({ file, hint, ...fault })) },
  );
}

/** A file whose text is broken: the first fault makes the sentence. */
export function layoutError(file: string, faults: CellFault[], cause?: unknown): ConnectorError {
  const [first] = faults;
  const where = first?.line === undefined ? file : `${file}, line ${first.line}`;
  return new ConnectorError('type', `${where}: ${first?.message ?? 'the line cannot be read'}.`, {
    hint: first?.hint ?? 'Mend the line, or choose another delimiter or quote.',
    faults: faults.slice(0, 20).map((fault) => ({ file, ...fault })),
    cause,
  });
}
