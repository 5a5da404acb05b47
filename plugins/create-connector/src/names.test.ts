import { describe, expect, it } from 'vitest';
import { answersOf, readFlags, Refusal } from './answers.ts';
import { idFault, titleFault, titleOf } from './names.ts';

const HOSTILE = [
  '../x',
  '--flag',
  'My-Source',
  'a b',
  '',
  '.',
  '/etc',
  'a/b',
  'é',
  '-a',
  '1a',
  'x\u0000',
  'a'.repeat(300),
];

describe('names', () => {
  it.each(HOSTILE)('refuses %j in a sentence', (id) => {
    expect(idFault(id)).toMatch(/^".*\.$/s);
  });
  it('refuses what belongs to Kalla', () => {
    expect(['csv', 'postgres', 'https'].map((id) => idFault(id) !== null)).toEqual([true, true, true]);
  });
  it('takes what fits', () => {
    expect(['a', 'my-source', 'bank2'].map(idFault)).toEqual([null, null, null]);
    expect(titleOf('my-own-bank')).toBe('My own bank');
  });
  it.each(["It's", 'a"b', '`x`', '$' + '{x}', ' ', '</b>', 'x\n', 'y'.repeat(61)])('refuses the title %j', (title) => {
    expect(titleFault(title)).toMatch(/\.$|letter or a digit\.$/s);
  });
});

describe('answers', () => {
  const answers = (...args: string[]) => answersOf(readFlags(args));
  it('takes what is usual where nobody is asked', async () => {
    expect(await answers('acme-ledger')).toEqual({
      id: 'acme-ledger',
      title: 'Acme ledger',
      packageName: 'kalla-connector-acme-ledger',
      kind: 'database',
      panel: false,
    });
  });
  it('takes every answer from a flag', async () => {
    expect(
      await answers('acme', '--title', 'Acme & Söhne', '--kind=warehouse', '--package', '@acme/kalla', '--panel'),
    ).toEqual({ id: 'acme', title: 'Acme & Söhne', packageName: '@acme/kalla', kind: 'warehouse', panel: true });
    expect(await answers('acme', '--no-panel')).toMatchObject({ panel: false });
  });
  it('asks three questions where the name is given', async () => {
    const questions: string[] = [];
    const found = await answersOf(readFlags(['acme']), (question) => {
      questions.push(question);
      return Promise.resolve(question.includes('React') ? 'Yes' : '');
    });
    expect(questions).toHaveLength(3);
    expect(found).toMatchObject({ id: 'acme', title: 'Acme', kind: 'database', panel: true });
  });
  it('asks again after an answer that does not fit', async () => {
    const given = ['../x', 'acme', '', 'file', 'perhaps', 'n'];
    const questions: string[] = [];
    const found = await answersOf(readFlags([]), (question) => {
      questions.push(question);
      return Promise.resolve(given.shift() ?? '');
    });
    expect(questions).toHaveLength(6);
    expect(found).toMatchObject({ id: 'acme', title: 'Acme', kind: 'file', panel: false });
  });
  it.each([['../x'], ['a', 'b'], ['acme', '--kind', 'cloud'], ['acme', '--package', '../x'], ['acme', '--nope'], ['']])(
    'refuses %j %j %j',
    async (...args) => {
      await expect((async () => answers(...args.filter((one) => typeof one === 'string')))()).rejects.toThrow(Refusal);
    },
  );
});
