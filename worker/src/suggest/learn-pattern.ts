/** A piece of a reference: what kind of characters, how many, and which ones where they are always the same. */
interface Run {
  kind: 'letters' | 'digits' | 'other';
  text: string;
}

/** Shapes that a pattern is made of at most, and the share of values that it has to cover. */
const MOST_SHAPES = 3;
const COVERED = 0.8;
/** Letters that are always the same up to this many values are a word; beyond it any letters are. */
const MOST_WORDS = 4;

const RUNS = /\p{L}+|[0-9]+|[^\p{L}0-9]+/gu;

function runsOf(value: string): Run[] {
  return (value.match(RUNS) ?? []).map((text) => ({
    kind: /^\p{L}/u.test(text) ? 'letters' : /^[0-9]/.test(text) ? 'digits' : 'other',
    text,
  }));
}

/** A regular expression of references, in what RE2 and Rust's regex have in common. */
export interface LearnedPattern {
  /** As the values are written. */
  strict: string;
  /** Also with other separators, capitals and zeros: `inv 42` for `INV-00042`. */
  loose: string;
}

/**
 * Learns from example values what a reference looks like, so that it can be found inside a longer text. Undefined where the
 * values have no common shape, or one that any word or number has.
 *
 * @example
 * learnPattern(['INV-00042', 'INV-01234'])?.strict // '\\bINV-[0-9]{5}\\b'
 */
export function learnPattern(values: readonly string[]): LearnedPattern | undefined {
  const shapes = new Map<string, Run[][]>();
  let total = 0;
  for (const value of values) {
    const runs = runsOf(value.trim());
    if (runs.length === 0 || runs.length > 9) continue;
    total += 1;
    const shape = runs.map(({ kind, text }) => (kind === 'other' ? text : kind)).join('\u0000');
    const known = shapes.get(shape);
    if (known) known.push(runs);
    else shapes.set(shape, [runs]);
  }
  const ranked = [...shapes.values()].sort((a, b) => b.length - a.length).slice(0, MOST_SHAPES);
  const kept = ranked.filter((group) => group.length >= total * 0.05);
  const covered = kept.reduce((sum, group) => sum + group.length, 0);
  if (total === 0 || covered < total * COVERED) return undefined;
  const patterns = kept.map(patternOf);
  if (patterns.some((pattern) => pattern === undefined)) return undefined;
  const join = (kind: keyof LearnedPattern) => [...new Set(patterns.map((pattern) => pattern![kind]))].join('|');
  const learned = { strict: join('strict'), loose: `(?i)${join('loose')}` };
  return learned.loose.length <= 200 && learned.strict.length <= 200 ? learned : undefined;
}

function patternOf(group: readonly Run[][]): LearnedPattern | undefined {
  const parts = group[0]!.map((run, at) => ({
    kind: run.kind,
    texts: [...new Set(group.map((runs) => runs[at]!.text))],
  }));
  const digits = parts.filter(({ kind }) => kind === 'digits');
  // Without digits every word would be a reference; with one or two digits nearly every number.
  const least = (texts: readonly string[]) => Math.min(...texts.map((text) => text.length));
  if (digits.reduce((sum, { texts }) => sum + least(texts), 0) < 3) return undefined;
  let strict = '';
  let loose = '';
  parts.forEach(({ kind, texts }, at) => {
    const lengths = texts.map((text) => text.length);
    const span = (from: number, to: number) => (from === to ? `{${from}}` : `{${from},${to}}`);
    if (kind === 'other') {
      strict += escaped(texts[0]!);
      loose += SEPARATORS;
      return;
    }
    if (kind === 'letters') {
      const words = texts.length <= MOST_WORDS ? texts.map(escaped) : undefined;
      const any = `\\p{L}${span(Math.min(...lengths), Math.max(...lengths))}`;
      const one = words?.length === 1 ? words[0]! : (words && `(?:${words.join('|')})`) || any;
      strict += one;
      loose += one;
      if (parts[at + 1]?.kind === 'digits') loose += SEPARATORS;
      return;
    }
    strict += `[0-9]${span(Math.min(...lengths), Math.max(...lengths))}`;
    const significant = texts.map((text) => text.replace(/^0+(?=[0-9])/, '').length);
    const padded = texts.some((text) => /^0[0-9]/.test(text));
    loose += padded
      ? `0*[0-9]${span(Math.min(...significant), Math.max(...significant))}`
      : `0*[0-9]${span(Math.min(...lengths), Math.max(...lengths))}`;
  });
  return { strict: bounded(strict), loose: bounded(loose) };
}

const SEPARATORS = '[ ._/#:-]*';

/** Not in the middle of a longer number or word. */
const bounded = (pattern: string) =>
  `${/^(\[0-9\]|0\*|\w|\\p|\(\?:)/.test(pattern) ? '\\b' : ''}${pattern}${/(\}|\w|\))$/.test(pattern) ? '\\b' : ''}`;

const escaped = (text: string) =>
  text.replace(/[.*+?^${}()|[\]\\/-]/g, (sign) => (sign === '/' || sign === '-' ? sign : `\\${sign}`));
