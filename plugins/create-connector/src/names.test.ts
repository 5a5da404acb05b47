import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { answersOf, readFlags, Refusal, terminal } from './answers.ts';
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
  it('says what was probably meant', () => {
    for (const [typed, meant] of [
      ['My Source', 'my-source'],
      ['Bank of Zürich (2)', 'bank-of-zurich-2'],
      ['../ledger', 'ledger'],
      ['2026 ledger', 'ledger'],
      ['--', 'my-source'],
      ['POSTGRES', 'my-source'],
    ] as const)
      expect(idFault(typed)).toContain(`for example ${meant}.`);
  });
  it('tells the name of a package from the name of a connector', () => {
    expect(idFault('kalla-connector-bank')).toBe(
      '"kalla-connector-bank" would make a package kalla-connector-kalla-connector-bank: give the name without it, bank.',
    );
    expect(idFault('@acme/kalla-connector-bank')).toBe(
      '"@acme/kalla-connector-bank" is the name of a package. Give a short name, and the package as --package: bank --package @acme/kalla-connector-bank',
    );
    expect(idFault('@acme/Bank')).toMatch(/cannot be the name of a connector/);
    expect(['kalla-connector-', 'kalla-connector-csv'].map(idFault)).toEqual([null, null]);
  });
  it('refuses what belongs to Kalla', () => {
    expect(['csv', 'postgres', 'https', 's3', 'gs', 'uri'].filter((id) => idFault(id) === null)).toEqual([]);
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
  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('ends with a sentence at %s', async (_, key) => {
    const keys = new PassThrough();
    const { ask, close } = terminal(keys, new PassThrough());
    const asked = answersOf(readFlags(['acme']), ask);
    keys.write(key);
    await expect(asked).rejects.toThrow(new Refusal('\nStopped. Nothing was written.'));
    close();
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
