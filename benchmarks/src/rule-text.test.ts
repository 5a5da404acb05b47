import { ruleSchema } from '@kalla/core';
import { expect, it } from 'vitest';
import { ruleText } from './rule-text.ts';

it('says every condition of a rule in one line', () => {
  const rule = ruleSchema.parse({
    conditions: [
      {
        kind: 'equal',
        left: 'a',
        right: 'b',
        ignore: ['case'],
        extract: { side: 'right', pattern: 'X[0-9]+', example: 'X1' },
      },
      { kind: 'amount', left: 'c', right: 'd', sign: 'opposite', tolerance: { kind: 'percent', value: '1.5' } },
      { kind: 'amount', left: 'c', right: 'd', sign: 'any', tolerance: { kind: 'absolute', value: '0' } },
      { kind: 'date', left: 'e', right: 'f', before: 1, after: 5 },
    ],
    pairing: 'every',
  });
  expect(ruleText(rule)).toBe(
    'a = b, `X[0-9]+` cut out of the right one, ignoring case; c = −d ± 1.5 %; c = d, any sign; ' +
      'f from 1 days before to 5 days after e; every pair counts',
  );
});
