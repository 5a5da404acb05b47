import { expect, it } from 'vitest';
import { mergeDeep, withoutShown } from './merge.server.ts';

const shown = { uri: 'https://bank.example/a.csv', options: { delimiter: ';' } };
const kept = { uri: 'https://ada:pw@bank.example/a.csv' };
const patched = (change: Record<string, unknown>) => mergeDeep(kept, withoutShown(change, shown, kept));

it('keeps the password of an address that is sent back as it was shown', () => {
  expect(patched(shown)).toEqual({ ...shown, uri: kept.uri });
});

it('takes an address that is another one', () => {
  expect(patched({ uri: 'https://bank.example/b.csv' })).toEqual({ uri: 'https://bank.example/b.csv' });
});

it('looks into nested settings', () => {
  const change = { tls: { host: 'a', hub: 'https://x.example' } };
  expect(
    withoutShown(change, { tls: { host: 'a', hub: 'https://x.example' } }, { tls: { hub: 'https://u:p@x.example' } }),
  ).toEqual({ tls: { host: 'a' } });
});
