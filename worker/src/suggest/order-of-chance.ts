/** 32 bits that say nothing about two numbers, and are the same each time. */
export function mixed(first: number, second: number): number {
  let bits = Math.imul(first ^ 0x51ed270b, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return (bits ^ (bits >>> 15)) >>> 0;
}

/** Places that can be told apart beside 32 bits in the 53 of a number. */
const PLACES = 2 ** 21;

/** The places from 0 on in the order of their dice. */
export function inOrderOfChance(count: number, dice: (place: number) => number): Int32Array {
  if (count > PLACES) throw new RangeError(`Too many places to be put in order: ${count}.`);
  const keys = new Float64Array(count);
  for (let place = 0; place < count; place++) keys[place] = dice(place) * PLACES + place;
  return Int32Array.from(keys.sort(), (key) => key % PLACES);
}
