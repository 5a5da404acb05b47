import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Operation } from '@kalla/core';
import { throwFaults } from './locate.ts';
import type { Prepared } from './prepare.ts';
import { isBlank, scanRecords } from './records.ts';

/**
 * Writes the rows anew with `\n` at each end and quotes around each cell that is not empty, and points `prepared` there.
 * For files that mix kinds of line ends or have lines of spaces, which DuckDB refuses. Cells are not changed, and neither are line numbers.
 */
export async function rewrite(prepared: Prepared, target: string, operation: Operation): Promise<void> {
  await throwFaults(prepared, operation);
  const { dialect } = prepared.top;
  const quote = dialect.quote || '"';
  async function* lines(): AsyncGenerator<string> {
    let out = '';
    for await (const record of scanRecords(prepared.path, dialect, prepared.lineEnd, 1, operation.signal)) {
      // A line of nothing but spaces holds no cell. DuckDB skips it only when it is empty.
      const cells = prepared.top.names.length > 1 && isBlank(record) ? [] : record.cells;
      out += cells
        .map((cell) => (cell === null ? '' : `${quote}${cell.replaceAll(quote, quote + quote)}${quote}`))
        .join(dialect.delimiter);
      out += '\n';
      if (out.length > 1 << 20) {
        yield out;
        out = '';
      }
    }
    yield out;
  }
  await pipeline(Readable.from(lines()), createWriteStream(target), { signal: operation.signal });
  prepared.path = target;
  prepared.lineEnd = 'lf';
  prepared.rewritten = true;
  prepared.top = { ...prepared.top, dialect: { delimiter: dialect.delimiter, quote } };
}
