import { Random } from '../random.ts';
import { dayOf } from './cells.ts';
import type { Noise } from './noise.ts';

const FIRST_DAY = dayOf('2025-01-01');
const firstNames = ['Adler', 'Baltic', 'Cedar', 'Dufour', 'Estrella', 'Fjord', 'Girasole', 'Hanse', 'Iberia', 'Jansen'];
const middleNames = ['Handel', 'Trading', 'Services', 'Bouw', 'Transports', 'Impianti', 'Papier', 'Foods', 'Textil'];
const lastNames = ['GmbH', 'B.V.', 'Ltd', 'S.A.', 'S.r.l.', 'AB', 'Oy', 'Sp. z o.o.', 'e.K.', 'Lda'];

/** Stream of random numbers of one case of one kind of facts; neighbours have nothing in common. */
function streamOf(seed: number, index: number, salt: number): Random {
  let mixed = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed + 7, 0x85ebca6b) ^ Math.imul(salt + 3, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return new Random(mixed ^ (mixed >>> 16));
}

/** Random numbers that make one case, and the noise that its cells get. */
export class CaseMaker {
  readonly random: Random;
  readonly #noisy: Random;

  constructor(
    readonly seed: number,
    readonly index: number,
    /** Rows that each side is to have, for choosing how many customers or days there are. */
    readonly size: number,
    readonly noise: Noise,
  ) {
    this.random = streamOf(seed, index, 0);
    this.#noisy = streamOf(seed, index, 1);
  }

  /** Facts of another thing that this case has to do with: a customer, or the case that it reverses. */
  about(thing: number, salt = 2): Random {
    return streamOf(this.seed, thing, salt);
  }

  /** An amount in cents; small ones are as likely as large ones, so that few are alike. */
  cents(low: number, high: number, random = this.random): bigint {
    return BigInt(Math.floor(low * (high / low) ** random.next()));
  }

  /** A day of 2025, as days since 1970. */
  day(random = this.random, days = 360): number {
    return FIRST_DAY + random.between(0, days);
  }

  /** A made-up firm. */
  firm(random = this.random): string {
    return `${random.pick(firstNames)} ${random.pick(middleNames)} ${random.pick(lastNames)}`;
  }

  /** True for a share of the cases. */
  chance(share: number, random = this.random): boolean {
    return random.next() < share;
  }

  /** A reference as the right side has it: now and then with a wrong digit, one too few, or two swapped. */
  typed(reference: string): string {
    if (!this.chance(this.noise.typos, this.#noisy)) return reference;
    const digits = [...reference.matchAll(/\d/g)].map((match) => match.index);
    const at = digits[this.#noisy.between(Math.max(0, digits.length - 5), digits.length - 1)] ?? 0;
    const [before, one, after] = [reference.slice(0, at), reference.charAt(at), reference.slice(at + 1)];
    switch (this.#noisy.between(0, 2)) {
      case 0:
        return before + String((Number(one) + this.#noisy.between(1, 9)) % 10) + after;
      case 1:
        return before + after;
      default:
        return before + after.slice(0, 1) + one + after.slice(1);
    }
  }

  /** What arrives of an amount: now and then a bank on the way has taken a charge. */
  received(cents: bigint): bigint {
    if (!this.chance(this.noise.charges, this.#noisy)) return cents;
    const charge = BigInt(this.#noisy.between(7, 300) * 5);
    return cents < 0n ? cents + charge : cents - charge;
  }
}
