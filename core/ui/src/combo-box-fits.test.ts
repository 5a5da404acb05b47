import { describe, expect, it } from 'vitest';
import { bestFits } from './combo-box-fits.ts';

const options = ['net amount', 'Amount', 'date', 'AMOUNT due'].map((label) => ({ label }));
const labels = (typed: string) => bestFits(options, typed).map(({ label }) => label);

describe('bestFits', () => {
  it('takes all where nothing is typed', () => expect(labels('  ')).toHaveLength(4));
  it('puts first what begins with the text, whatever the capitals', () =>
    expect(labels('am')).toEqual(['Amount', 'AMOUNT due', 'net amount']));
  it('finds nothing where nothing fits', () => expect(labels('x')).toEqual([]));
});
