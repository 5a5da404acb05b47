import { TEXT_CLASSES, type Ignorable } from '@kalla/core';
import type { TextColumn } from './joined-column.ts';

/** What `textTerm` of the contracts takes away, as the same Unicode categories. */
const classes = {
  spaces: new RegExp(`[${TEXT_CLASSES.spaces}]`, 'u'),
  punctuation: new RegExp(`[${TEXT_CLASSES.punctuation}]`, 'u'),
  letters: new RegExp(`[${TEXT_CLASSES.letters}]`, 'u'),
};
const SPACE = 1;
const PUNCTUATION = 2;
const LETTER = 4;

/** Room at the beginning, a power of two: two files of ten thousand rows have some hundred thousand different texts. */
const PLACES = 1 << 18;

const ZERO = 48;
const isDigit = (unit: number) => unit >= 48 && unit <= 57;
const classOf = (sign: string) =>
  classes.spaces.test(sign)
    ? SPACE
    : classes.punctuation.test(sign)
      ? PUNCTUATION
      : classes.letters.test(sign)
        ? LETTER
        : 0;
const ASCII = Uint8Array.from({ length: 128 }, (_, unit) => classOf(String.fromCharCode(unit)));

/** Where a value is looked for first in a table of `mask + 1` places; small numbers differ in their lowest bits, in either half. */
const firstSlot = (low: number, high: number, mask: number) =>
  (Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> 7) & mask;

/**
 * Numbers for values: equal values have equal numbers, on both sides and in every column. With numbers, thousands of pairs
 * of rows are compared in the time of one query.
 *
 * Values are told apart by 64 bits of a hash, which is enough for a search: what it finds is counted by the engine.
 */
export class Vocabulary {
  #low = new Int32Array(PLACES);
  #high = new Int32Array(PLACES);
  #numbers = new Int32Array(PLACES);
  #size = 0;
  readonly #signs = new Map<number, { kind: number; lower: string }>();

  /** Numbers given so far; every number is from 1 up to it. */
  get size(): number {
    return this.#size;
  }

  /** The number of a value of 64 bits. */
  numberOf(low: number, high: number): number {
    const mask = this.#numbers.length - 1;
    let slot = firstSlot(low, high, mask);
    for (let number = this.#numbers[slot]!; number !== 0; number = this.#numbers[slot]!) {
      if (this.#low[slot] === low && this.#high[slot] === high) return number;
      slot = (slot + 1) & mask;
    }
    this.#size += 1;
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#numbers[slot] = this.#size;
    if (this.#size * 2 > this.#numbers.length) this.#grow();
    return this.#size;
  }

  /**
   * The number of each row's text with `ignore` taken away, as `textTerm` does it; 0 where nothing is left.
   *
   * @param whole The numbers of the texts as they stand, where they are known: of equal texts one is looked at.
   */
  encode(column: TextColumn, ignore: readonly Ignorable[], whole?: Int32Array): Int32Array {
    const { text, starts, ends } = column;
    const numbers = new Int32Array(starts.length);
    // One more than the number that the whole text came to: 0 is a text that was not looked at.
    const known = whole && new Int32Array(this.#size + 1);
    const zeros = ignore.includes('leading_zeros');
    const lower = ignore.includes('case');
    const dropped =
      (ignore.includes('spaces') ? SPACE : 0) |
      (ignore.includes('punctuation') ? PUNCTUATION : 0) |
      (ignore.includes('letters') ? LETTER : 0);
    for (let row = 0; row < numbers.length; row++) {
      const own = whole ? whole[row]! : 0;
      if (known && known[own] !== 0) {
        numbers[row] = known[own]! - 1;
        continue;
      }
      const end = ends[row]!;
      let low = 0x2545f491;
      let high = 0x1b873593;
      let length = 0;
      let inNumber = false;
      for (let at = starts[row]!; at < end; at++) {
        let unit = text.charCodeAt(at);
        if (unit >= 128) {
          inNumber = false;
          const point = text.codePointAt(at)!;
          const sign = this.#sign(point);
          if (point > 0xffff) at += 1;
          if ((sign.kind & dropped) !== 0) continue;
          const written = lower ? sign.lower : String.fromCodePoint(point);
          for (let part = 0; part < written.length; part++) {
            low = Math.imul(low ^ written.charCodeAt(part), 0x01000193);
            high = Math.imul(high + written.charCodeAt(part), 0x85ebca6b) ^ (high >>> 13);
          }
          length += 1;
          continue;
        }
        if (isDigit(unit)) {
          // A zero that another digit follows, at the beginning of a number.
          if (zeros && unit === ZERO && !inNumber && at + 1 < end && isDigit(text.charCodeAt(at + 1))) continue;
          inNumber = true;
        } else {
          inNumber = false;
          if ((ASCII[unit]! & dropped) !== 0) continue;
          if (lower && unit >= 65 && unit <= 90) unit |= 32;
        }
        low = Math.imul(low ^ unit, 0x01000193);
        high = Math.imul(high + unit, 0x85ebca6b) ^ (high >>> 13);
        length += 1;
      }
      if (length > 0) numbers[row] = this.numberOf(low ^ (low >>> 15), high ^ length);
      if (known) known[own] = numbers[row]! + 1;
    }
    return numbers;
  }

  #sign(point: number): { kind: number; lower: string } {
    let known = this.#signs.get(point);
    if (!known) {
      const sign = String.fromCodePoint(point);
      known = { kind: classOf(sign), lower: sign.toLowerCase() };
      this.#signs.set(point, known);
    }
    return known;
  }

  #grow(): void {
    const [low, high, numbers] = [this.#low, this.#high, this.#numbers];
    const room = numbers.length * 2;
    this.#low = new Int32Array(room);
    this.#high = new Int32Array(room);
    this.#numbers = new Int32Array(room);
    for (let old = 0; old < numbers.length; old++) {
      if (numbers[old] === 0) continue;
      let slot = firstSlot(low[old]!, high[old]!, room - 1);
      while (this.#numbers[slot] !== 0) slot = (slot + 1) & (room - 1);
      this.#low[slot] = low[old]!;
      this.#high[slot] = high[old]!;
      this.#numbers[slot] = numbers[old]!;
    }
  }
}
