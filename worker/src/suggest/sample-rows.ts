import { amountTerm, dayTerm, textTerm, type Ignorable } from '@kalla/core';
import { columnName, type Bench, type SideName } from './bench.ts';
import { daysOf, NULL, POINT, SEPARATOR, splitAt, wholeNumbers, type TextColumn } from './joined-column.ts';
import { inOrderOfChance, mixed } from './order-of-chance.ts';
import { NO_AMOUNT, scaledOf, signed, type Sign } from './scaled-amount.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What is looked at of a column: its texts (with what a pattern cuts out), its days, or its amounts. */
export interface Wanted {
  kind: 'text' | 'day' | 'amount';
  index: number;
  pattern?: string;
}

/** Columns that one query brings. */
const AT_ONCE = 40;
/** Characters of all cells together; of longer texts only the beginning is compared. */
const MOST_TEXT = 48_000_000;

/** What both samples of a search have in common: numbers for values, and the decimals that amounts are brought to. */
export interface Measure {
  texts: Vocabulary;
  amounts: Vocabulary;
  /** Digits after the point. */
  scale: number;
}

/**
 * Rows of one side in memory, a column at a time as it is needed: texts as numbers of a vocabulary, dates as days since
 * 1970, amounts as whole numbers of 64 bits, never as floating point. A search asks the same rows hundreds of questions, and
 * each took a query of several milliseconds; here a question is a loop over arrays.
 */
export class SampleRows {
  /** The number of each row in its source, ascending. */
  numbers = new Int32Array(0);
  /** The row numbers as the engine delivered them last, and the place of each. */
  #order: string | undefined;
  #places = new Int32Array(0);
  readonly #texts = new Map<string, TextColumn>();
  readonly #codes = new Map<string, Int32Array>();
  readonly #days = new Map<number, Int32Array>();
  readonly #scaled = new Map<number, BigInt64Array>();
  #shuffled: Int32Array | undefined;

  /** @param from A table or a query in parentheses, with the columns of a bench. @param most About how many rows it has. */
  constructor(
    private readonly bench: Bench,
    readonly side: SideName,
    private readonly from: string,
    private readonly measure: Measure,
    private readonly most: number,
  ) {}

  get size(): number {
    return this.numbers.length;
  }

  /** The rows in an order of chance, the same each time; worked out once. */
  get shuffled(): Int32Array {
    this.#shuffled ??= inOrderOfChance(this.size, (row) => mixed(this.numbers[row]!, 0));
    return this.#shuffled;
  }

  /** Brings what is not there yet. */
  async load(wanted: readonly Wanted[]): Promise<void> {
    const terms = new Map<string, string>();
    for (const one of wanted) {
      const key = this.#keyOf(one);
      if (!this.#texts.has(key)) terms.set(key, this.#term(one));
    }
    const missing = [...terms];
    for (let start = 0; start < missing.length || this.#order === undefined; start += AT_ONCE)
      await this.#fetch(missing.slice(start, start + AT_ONCE));
  }

  /** The texts of a column as they stand. */
  texts(index: number, pattern?: string): TextColumn {
    return this.#column({ kind: 'text', index, ...(pattern === undefined ? {} : { pattern }) });
  }

  /** The amounts of a column as decimals. */
  amountTexts(index: number): TextColumn {
    return this.#column({ kind: 'amount', index });
  }

  /** A number for the text of each row, equal where the texts are; 0 where there is none. */
  codes(index: number, ignore: readonly Ignorable[] = [], pattern?: string): Int32Array {
    const key = JSON.stringify([index, ignore, pattern]);
    let codes = this.#codes.get(key);
    if (!codes) {
      const whole = ignore.length > 0 ? this.codes(index, [], pattern) : undefined;
      codes = this.measure.texts.encode(this.texts(index, pattern), ignore, whole);
      this.#codes.set(key, codes);
    }
    return codes;
  }

  /** Rows with a text, and how many different ones there are. */
  counts(index: number): { filled: number; distinct: number } {
    const codes = this.codes(index);
    const seen = new Uint8Array(this.measure.texts.size + 1);
    const found = { filled: 0, distinct: 0 };
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row]!;
      if (code === 0) continue;
      found.filled += 1;
      if (seen[code] === 1) continue;
      seen[code] = 1;
      found.distinct += 1;
    }
    return found;
  }

  /** Days since 1970, or `NO_DAY`. */
  days(index: number): Int32Array {
    let days = this.#days.get(index);
    if (!days) {
      days = daysOf(this.#column({ kind: 'day', index }));
      this.#days.set(index, days);
    }
    return days;
  }

  /** Amounts as whole numbers of the last decimal of the measure, or `NO_AMOUNT`. */
  scaled(index: number): BigInt64Array {
    let scaled = this.#scaled.get(index);
    if (!scaled) {
      scaled = scaledOf(this.#column({ kind: 'amount', index }), this.measure.scale);
      this.#scaled.set(index, scaled);
    }
    return scaled;
  }

  /** A number for the amount of each row; 0 where there is none. */
  amountCodes(index: number, how: Sign): Int32Array {
    const key = JSON.stringify([index, how]);
    let codes = this.#codes.get(key);
    if (!codes) {
      const values = signed(this.scaled(index), how);
      const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
      codes = new Int32Array(values.length);
      for (let row = 0; row < codes.length; row++)
        if (values[row] !== NO_AMOUNT) codes[row] = this.measure.amounts.numberOf(words[2 * row]!, words[2 * row + 1]!);
      this.#codes.set(key, codes);
    }
    return codes;
  }

  /** The most digits before the point in a column of numbers. */
  wholeDigits(index: number): number {
    const { text, starts, ends } = this.#column({ kind: 'amount', index });
    let most = 0;
    for (let row = 0; row < this.size; row++) {
      let at = starts[row]!;
      while (at < ends[row]! && text.charCodeAt(at) !== POINT) at += 1;
      most = Math.max(most, at - starts[row]!);
    }
    return most;
  }

  /** NULL cells of a column whose texts or days were read. */
  nulls(index: number, kind: 'text' | 'day'): number {
    return this.#column({ kind, index }).nulls;
  }

  #column(wanted: Wanted): TextColumn {
    const found = this.#texts.get(this.#keyOf(wanted));
    if (!found) throw new Error(`Column ${wanted.index} of the ${this.side} side was not loaded.`);
    return found;
  }

  /** Amounts are read from the texts of their columns, but for those of floats, which are rounded first. */
  #keyOf({ kind, index, pattern }: Wanted): string {
    const ofText = kind === 'amount' && !/^float/.test(this.bench.columns(this.side)[index]!.type);
    return JSON.stringify([ofText ? 'text' : kind, index, pattern ?? null]);
  }

  #term({ kind, index, pattern }: Wanted): string {
    const { type } = this.bench.columns(this.side)[index]!;
    const name = columnName(index);
    // An infinite date has no day.
    if (kind === 'day')
      return `CASE WHEN ${name} IS NOT NULL THEN coalesce(CAST(date_diff('day', DATE '1970-01-01', ${dayTerm(name, type)}) AS VARCHAR), '') END`;
    if (kind === 'amount' && /^float/.test(type)) return `CAST(${amountTerm(name, type)} AS VARCHAR)`;
    if (type !== 'text') return `CAST(${name} AS VARCHAR)`;
    const most = Math.max(64, Math.min(1024, Math.floor(MOST_TEXT / Math.max(1, this.most * this.#width()))));
    const text =
      pattern === undefined
        ? `CASE WHEN strlen(${name}) > ${most} THEN left(${name}, ${most}) ELSE ${name} END`
        : `left(${textTerm(name, type, [], pattern)}, ${most})`;
    return `replace(${text}, chr(${SEPARATOR}), ' ')`;
  }

  #width(): number {
    return this.bench.columns(this.side).length;
  }

  /** One long text for each column takes a fraction of the time that its cells take one by one. */
  async #fetch(missing: readonly (readonly [string, string])[]): Promise<void> {
    const joined = (term: string) => `string_agg(coalesce(${term}, chr(${NULL})), chr(${SEPARATOR}))`;
    const list = ['CAST(_row AS VARCHAR)', ...missing.map(([, term]) => term)].map(joined);
    const [row] = await this.bench.rows(`SELECT ${list.join(', ')} FROM ${this.from}`, this.side);
    const [order, ...columns] = row!.map((text) => (text === null ? '' : String(text)));
    if (this.#order !== order) this.#arrange(order!);
    missing.forEach(([key], at) => this.#texts.set(key, splitAt(columns[at]!, this.#places)));
  }

  /** The engine may deliver rows in any order; here they stand in that of their numbers. */
  #arrange(order: string): void {
    const delivered = wholeNumbers(order);
    if (this.#order === undefined) this.numbers = delivered.slice().sort();
    this.#order = order;
    if (delivered.every((number, at) => number === this.numbers[at])) {
      this.#places = delivered.map((_, at) => at);
      return;
    }
    const places = new Map<number, number>();
    this.numbers.forEach((number, place) => places.set(number, place));
    this.#places = delivered.map((number) => places.get(number)!);
  }
}
