import { packageNameFault } from '@kalla/core';

/** Ids that mean something else in an address, or belong to a connector that Kalla brings along. */
const TAKEN = new Set(
  'file uri http https s3 gs ftp data blob javascript upload csv excel parquet postgres postgresql bigquery elasticsearch'.split(
    ' ',
  ),
);

/** Why a text cannot be the id of a connector, as a sentence; null where it can. It is the folder and the scheme of its addresses too. */
export function idFault(id: string): string | null {
  const shown = JSON.stringify(id.length > 60 ? `${id.slice(0, 60)}…` : id);
  const own = id.replace(/^@[^/]*\//, '').replace(/^kalla-connector-/, '');
  if (id.startsWith('@') && idFault(own) === null)
    return `${shown} is the name of a package. Give a short name, and the package as --package: ${own} --package ${id}`;
  if (id !== own && idFault(own) === null)
    return `${shown} would make a package kalla-connector-${id}: give the name without it, ${own}.`;
  if (id.length > 40) return `${shown} is too long: a name has at most 40 characters.`;
  if (!/^[a-z][a-z0-9-]*$/.test(id))
    return `${shown} cannot be the name of a connector: it has lower-case letters, digits and hyphens and begins with a letter, for example ${nearest(id)}.`;
  if (TAKEN.has(id)) return `${shown} is taken: it means something else in Kalla. Choose another name.`;
  return null;
}

/** What a text that is no id was meant to be, as far as it can be guessed. */
function nearest(text: string): string {
  const words = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const guess = words
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .replace(/-+$/, '');
  return guess.length > 1 && !TAKEN.has(guess) ? guess : 'my-source';
}

/** Why a text cannot be the title people read, as a sentence; null where it can. It stands in code, so it has no quotes in it. */
export function titleFault(title: string): string | null {
  if (title.length > 60) return `The title has ${title.length} characters, and titles have at most 60.`;
  if (!/^[\p{L}\p{N}][\p{L}\p{M}\p{N} .,&()+_-]*$/u.test(title))
    return `${JSON.stringify(title)} cannot be the title: it has letters, digits, spaces and . , & ( ) + _ - and begins with a letter or a digit.`;
  return null;
}

/** Why a text cannot be the name of the package, as a sentence; null where it can. */
export const packageFault = packageNameFault;

/** `my-source` as people write it: `My source`. */
export function titleOf(id: string): string {
  const words = id.replaceAll('-', ' ').replace(/ +/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
