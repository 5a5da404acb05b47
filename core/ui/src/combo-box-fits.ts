/**
 * The options whose label holds the typed text, capitals aside: those that begin with it first, each group in its own order.
 *
 * @example bestFits([{ label: 'net amount' }, { label: 'Amount' }], 'am').map((o) => o.label) // ['Amount', 'net amount']
 */
export function bestFits<T extends { label: string }>(options: readonly T[], typed: string): readonly T[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return options;
  const begins: T[] = [];
  const holds: T[] = [];
  for (const option of options) {
    const at = option.label.toLowerCase().indexOf(wanted);
    if (at === 0) begins.push(option);
    else if (at > 0) holds.push(option);
  }
  return [...begins, ...holds];
}
