import type { Leaf, SourceKeeping } from './mapping.ts';
import type { Mapping } from './types.ts';

/** Types that are read as one value and have parts, which a pattern may take out of it. */
const HAS_PARTS = /^(object|nested|flattened|passthrough)$/;

/**
 * Why a field has no column, where its values would be NULL although there are some: the end of a sentence that begins with the
 * field. Null where it can be read.
 */
export function whyNoColumn(leaf: Leaf): string | null {
  const paths = new Set(leaf.definitions.map(({ type, path }) => (type === 'alias' ? path : undefined)));
  if (paths.size > 1)
    return 'in some of the indices it is another name for a field, and in others not for the same; read each index as a source of its own';
  if (leaf.isPartlyRuntime)
    return 'in some of the indices it is computed, and in others it stands in the documents; read each index as a source of its own';
  return null;
}

/** The same of a field that an index leaves out of the documents that it stores, by `includes` or `excludes` of its `_source`. */
export function whyNotKept(leaf: Leaf, mapping: Mapping, keeping: readonly SourceKeeping[]): string | null {
  const isComputed = leaf.isRuntime || leaf.definitions.every(({ type }) => type === 'constant_keyword');
  if (mapping.from === 'docvalue' || (mapping.from === 'fields' && isComputed)) return null;
  const hasParts = leaf.definitions.some(({ type = 'object' }) => HAS_PARTS.test(type));
  return keeping.every((index) => isKept(leaf.path, hasParts, index))
    ? null
    : 'the index leaves it out of the documents that it stores (_source of its mapping)';
}

/** A pattern that names an object is about all that is in it. One with `*` may be about a part of any object. */
function isKept(path: string, hasParts: boolean, { includes, excludes }: SourceKeeping): boolean {
  const names = path.split('.').map((_, index, parts) => parts.slice(0, index + 1).join('.'));
  const isNamed = (pattern: string) => names.some((name) => asExpression(pattern).test(name));
  const isOfPart = (pattern: string) => pattern.includes('*') || pattern.startsWith(`${path}.`);
  if (includes.length > 0 && !includes.some(isNamed)) return false;
  return !excludes.some((pattern) => isNamed(pattern) || (hasParts && isOfPart(pattern)));
}

function asExpression(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
