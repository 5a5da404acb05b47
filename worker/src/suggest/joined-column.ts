/** A column as the engine brings it: one long text, which takes a fraction of the time that its cells take one by one. */
export interface TextColumn {
  text: string;
  /** Where each row's piece begins and ends. */
  starts: Int32Array;
  ends: Int32Array;
  /** Rows that have none. */
  nulls: number;
}

/** No day: the cell is empty or holds none. */
export const NO_DAY = -(2 ** 31);

/** Between the cells of a column; an invisible control character that no cell is about. */
export const SEPARATOR = 31;
/** Stands for NULL, which is not the empty text. */
export const NULL = 30;
/** The signs that decimals are written with. */
export const [MINUS, POINT, ZERO] = [45, 46, 48];

/** The numbers of a text in which they stand between separators. */
export function wholeNumbers(text: string): Int32Array {
  let count = text === '' ? 0 : 1;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) === SEPARATOR) count += 1;
  const numbers = new Int32Array(count);
  let row = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === SEPARATOR) row += 1;
    else numbers[row] = numbers[row]! * 10 + unit - ZERO;
  }
  return numbers;
}

/** The days of a column of whole numbers. */
export function daysOf({ text, starts, ends }: TextColumn): Int32Array {
  const days = new Int32Array(starts.length).fill(NO_DAY);
  for (let row = 0; row < days.length; row++) {
    const start = starts[row]!;
    const end = ends[row]!;
    if (start === end) continue;
    const minus = text.charCodeAt(start) === MINUS;
    let day = 0;
    for (let at = minus ? start + 1 : start; at < end; at++) day = day * 10 + text.charCodeAt(at) - ZERO;
    days[row] = minus ? -day : day;
  }
  return days;
}

/** Where the pieces of a text are: the first is that of the row at the first place, and so on. */
export function splitAt(text: string, place: Int32Array): TextColumn {
  const starts = new Int32Array(place.length);
  const ends = new Int32Array(place.length);
  const separator = String.fromCharCode(SEPARATOR);
  let from = 0;
  let nulls = 0;
  for (let at = 0; at < place.length; at++) {
    const found = text.indexOf(separator, from);
    const end = found < 0 ? text.length : found;
    const isNull = end - from === 1 && text.charCodeAt(from) === NULL;
    if (isNull) nulls += 1;
    starts[place[at]!] = from;
    ends[place[at]!] = isNull ? from : end;
    from = end + 1;
  }
  return { text, starts, ends, nulls };
}
