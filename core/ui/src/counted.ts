/**
 * A count that is written for the reader, with its word.
 *
 * @example counted('1', 'row') === '1 row'
 * @example counted('2,000', 'row has', 'rows have') === '2,000 rows have'
 */
export function counted(count: string, one: string, many = `${one}s`): string {
  return `${count} ${count === '1' ? one : many}`;
}
