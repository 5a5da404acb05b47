import { plainText, textTerm, type Ignorable } from '@kalla/core';
import { expect, test } from 'vitest';
import { Engine } from '../engine/engine.ts';
import type { TextColumn } from './joined-column.ts';
import { Vocabulary } from './vocabulary.ts';

const TEXTS = [
  'INV-00042', 'inv 42', 'INV00042', 'inv42', '000', '0', '00.10', 'a0b00c', '-0-01', '1-01-002', '2026-007', 'x0', '0x01',
  'Müller & Söhne', 'MULLER', 'ＩＮＶ４２', 'Rechnung\u00a042', 'Rechnung\u200942', 'a\tb\nc', '№ 12', '€ 1.234,50', '$0012',
  '  ', '--', '', '🙂 05', '𝒜07', 'é', 'e\u0301', 'ÀÉ', 'straße', 'STRASSE', '٠١٢', 'A_B', "O'Brien", '0042 0042', 'ab', 'AB',
]; // prettier-ignore

const column = (texts: readonly string[]): TextColumn => {
  const ends: number[] = [];
  let at = 0;
  for (const text of texts) ends.push((at += text.length));
  return {
    text: texts.join(''),
    starts: Int32Array.from([0, ...ends.slice(0, -1)]),
    ends: Int32Array.from(ends),
    nulls: 0,
  };
};

const WAYS: Ignorable[][] = [
  [],
  ['case'],
  ['spaces'],
  ['punctuation'],
  ['letters'],
  ['leading_zeros'],
  ['case', 'spaces', 'punctuation', 'leading_zeros'],
  ['case', 'spaces', 'punctuation', 'letters', 'leading_zeros'],
];

test.each(WAYS.map((ignore) => ({ ignore })))('texts are alike as for the engine: $ignore', async ({ ignore }) => {
  await using engine = await Engine.open({ memoryBytes: 256 * 2 ** 20, threads: 1 });
  await engine.run('CREATE TABLE t (n INTEGER, v VARCHAR)');
  for (const [at, text] of TEXTS.entries())
    await engine.rows('INSERT INTO t VALUES ($1::INTEGER, $2)', { values: [String(at), text] });
  const terms = (await engine.rows(`SELECT ${textTerm('v', 'text', ignore)} FROM t ORDER BY n`)).map(([term]) => term);
  const codes = [...new Vocabulary().encode(column(TEXTS), ignore)];
  expect(codes.map((code) => code === 0)).toEqual(terms.map((term) => term === null));
  const firsts = (values: readonly unknown[]) => values.map((value) => values.indexOf(value));
  expect(firsts(codes)).toEqual(firsts(terms.map((term, at) => (codes[at] === 0 ? 0 : term))));
  expect(TEXTS.map((text) => plainText(text, ignore) || null)).toEqual(terms);
});

test('many values keep their numbers while the vocabulary grows', () => {
  const vocabulary = new Vocabulary();
  const texts = Array.from({ length: 60_000 }, (_, at) => `R${at % 50_000}`);
  const codes = vocabulary.encode(column(texts), []);
  expect(vocabulary.size).toBe(50_000);
  expect(new Set(codes).size).toBe(50_000);
  expect(codes.slice(50_000)).toEqual(codes.slice(0, 10_000));
  expect(vocabulary.encode(column(['r7', 'R007']), ['case', 'leading_zeros'])).toEqual(
    Int32Array.from([vocabulary.size, vocabulary.size]),
  );
});
