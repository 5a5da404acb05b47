/** npm's own limit for a name. */
const MAX_LENGTH = 214;
const NAME = /^(?:@[a-z0-9][a-z0-9._~-]*\/)?[a-z0-9][a-z0-9._~-]*$/;
/** Names that stand for something else in the paths below `/api/connectors`. */
const RESERVED = /^(?:search|normalize|node_modules|favicon\.ico)$|\/rollback$/;

/**
 * Why a text is not the name of a package that can be installed from the registry, as a sentence; null where it is one.
 * Addresses, git and file specifications and aliases, which npm itself would follow, are no names.
 *
 * @example
 * packageNameFault('@acme/kalla-connector') === null;
 * packageNameFault('../x'); // '"../x" is not the name of an npm package: …'
 */
export function packageNameFault(name: string): string | null {
  const shown = `"${name.slice(0, 80)}${name.length > 80 ? '…' : ''}"`;
  if (name.length > MAX_LENGTH)
    return `${shown} is not the name of an npm package: it has ${name.length} characters, and names have at most ${MAX_LENGTH}.`;
  if (/^[a-z+]+:|^[^@/]+\/|#/i.test(name) && !name.startsWith('.'))
    return `${shown} is an address and not the name of a package. Give the name alone; a packed file or a folder is installed as such.`;
  if (name !== name.toLowerCase() && NAME.test(name.toLowerCase()))
    return `${shown} is not the name of an npm package: names are written in lower case.`;
  if (!NAME.test(name))
    return `${shown} is not the name of an npm package: names have lower-case letters, digits, hyphens, dots and underscores, and may begin with a scope such as @acme/.`;
  if (RESERVED.test(name)) return `A connector cannot be called ${shown}: the name has a meaning of its own here.`;
  return null;
}

/** True for one exact version such as `1.2.0` or `2.0.0-beta.1`; a range, a tag or `v1.2.0` is none. */
export function isExactVersion(version: string): boolean {
  const number = '(?:0|[1-9]\\d{0,9})';
  return new RegExp(`^${number}\\.${number}\\.${number}(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`).test(version);
}
