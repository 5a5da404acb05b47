const WORDS =
  'grand total|sub ?totals?|totals?|sum|sums|summe|gesamt|gesamtsumme|endsumme|zwischensumme|saldo|endsaldo|kontostand|balance|closing balance|ending balance|somme|solde|totaux|totale|totaal|suma|razem|saldo final|итого|всего|合计|总计|count|record count|row count|number of (?:records|rows|transactions)|anzahl|trailer|trl|end of (?:file|report|statement)|end|ende|eof';
const COUNTED = String.raw`\d+ (?:rows?|records?|transactions?|lines?)`;
const BEGIN = new RegExp(`^\\W*(?:(?:${WORDS})(?:[\\s:.=;,|\\t"]|$)|${COUNTED}\\b)`, 'iu');

const WHOLE = new RegExp(`^\\W*(?:${WORDS}|${COUNTED})\\W*$`, 'iu');

/** True for a whole cell that names a sum, such as `Total` or `Summe:`. */
export function namesTotals(cell: string): boolean {
  return WHOLE.test(cell.trim());
}

/** True for a line that begins with a sum's name, or says how many rows there were. */
export function beginsTotals(line: string): boolean {
  return BEGIN.test(line.trim());
}
