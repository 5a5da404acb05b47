/** Cents as a decimal text, for example `-1204n` → `-12.04`. */
export function centsToText(cents: bigint): string {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** One line of CSV (RFC 4180, `\n` at its end): a cell is quoted where it must be; NULL is an empty cell. */
export function csvLine(cells: readonly (string | null)[], delimiter = ','): string {
  return `${cells.map((cell) => (cell === null ? '' : quoted(cell, delimiter))).join(delimiter)}\n`;
}

function quoted(cell: string, delimiter: string): string {
  return cell === '' || cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
