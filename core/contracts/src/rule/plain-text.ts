import type { Ignorable } from './rule.ts';
import { TEXT_CLASSES } from './term-sql.ts';

/**
 * What is left to compare of a text: `textTerm` for one text that is at hand, in the same order. An empty text never matches.
 *
 * @example plainText('INV-00042', ['case', 'punctuation', 'leading_zeros']) // 'inv42'
 */
export function plainText(text: string, ignore: readonly Ignorable[]): string {
  let rest = text;
  if (ignore.includes('leading_zeros')) rest = rest.replace(/(^|[^0-9])0+([0-9])/g, '$1$2');
  const dropped = (['spaces', 'punctuation', 'letters'] as const).filter((kind) => ignore.includes(kind));
  if (dropped.length > 0) rest = rest.replace(anyOf(dropped), '');
  return ignore.includes('case') ? rest.toLowerCase() : rest;
}

/** Made once for each choice: making one costs more than using it. */
const expressions = new Map<string, RegExp>();

function anyOf(kinds: readonly (keyof typeof TEXT_CLASSES)[]): RegExp {
  const key = kinds.join(' ');
  let expression = expressions.get(key);
  if (!expression)
    expressions.set(key, (expression = new RegExp(`[${kinds.map((kind) => TEXT_CLASSES[kind]).join('')}]+`, 'gu')));
  return expression;
}
