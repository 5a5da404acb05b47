import { expect, test } from 'vitest';
import { publicUri } from './public-uri.ts';

test.each([
  ['https://ada:pw@bank.example/a.csv', 'https://bank.example/a.csv'],
  ['https://bank.example/a.csv?X-Amz-Signature=1&X-Amz-Credential=2&v=3', 'https://bank.example/a.csv?v=3'],
  ['https://bank.example/a.csv?sv=1&sig=abc', 'https://bank.example/a.csv?sv=1'],
  ['https://bank.example/a.csv?access-token=1', 'https://bank.example/a.csv'],
  ['https://bank.example/a%20b.csv?v=1', 'https://bank.example/a%20b.csv?v=1'],
  ['file:///a/b c.csv', 'file:///a/b c.csv'],
  ['a;b', 'a;b'],
])('%s is shown as %s', (uri, shown) => {
  expect(publicUri(uri)).toBe(shown);
});
