import { isDeepStrictEqual } from 'node:util';

type Json = Record<string, unknown>;

/** True for what is merged in depth. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Merges objects in depth; the later wins, and a `null` in a later one takes the field out. */
export function mergeDeep(...layers: Json[]): Json {
  const result: Json = {};
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) {
      if (name === '__proto__') continue;
      const before = result[name];
      if (value === null) delete result[name];
      else if (isObject(value)) result[name] = mergeDeep(isObject(before) ? before : {}, value);
      else result[name] = value;
    }
  }
  return result;
}

/**
 * Takes out of a change what it repeats from the shown half while the kept half has more of it: an address that is sent back
 * as it was shown, without its password, does not take the password away.
 */
export function withoutShown(change: Json, shown: Json, kept: Json): Json {
  const result: Json = {};
  for (const [name, value] of Object.entries(change)) {
    const more = kept[name];
    const seen = shown[name];
    if (isObject(value) && isObject(seen) && isObject(more)) result[name] = withoutShown(value, seen, more);
    else if (more === undefined || !isDeepStrictEqual(value, seen)) result[name] = value;
  }
  return result;
}

/** Dotted names of everything in an object that is no object itself: `{ ssl: { key: 'x' } }` gives `ssl.key`. */
export function leafNames(value: Json, prefix = ''): string[] {
  return Object.entries(value).flatMap(([name, inner]) =>
    isObject(inner) ? leafNames(inner, `${prefix}${name}.`) : [`${prefix}${name}`],
  );
}
