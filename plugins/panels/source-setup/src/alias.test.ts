import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileLabel, isAlias, proposeAlias } from './alias.ts';

describe('proposeAlias', () => {
  it('takes the name of the table', () => {
    expect(proposeAlias('public.invoices', [])).toBe('invoices');
    expect(proposeAlias('public.Bank Statements', [])).toBe('bank_statements');
    expect(proposeAlias('public.paymentLines', [])).toBe('payment_lines');
    expect(proposeAlias('public."odd.name ""x"""', [])).toBe('odd_name_x');
    expect(proposeAlias('public.Überweisungen', [])).toBe('uberweisungen');
    expect(proposeAlias('public.2024', [])).toBe('t_2024');
    expect(proposeAlias('public.🧾', [])).toBe('source');
  });
  it('is an alias whatever the table is called, and never one that is taken', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 120 }), fc.nat(3), (name, times) => {
        const taken: string[] = [];
        for (let time = 0; time <= times; time++) {
          const alias = proposeAlias(name, taken);
          expect(isAlias(alias)).toBe(true);
          expect(taken).not.toContain(alias);
          taken.push(alias);
        }
      }),
    );
  });
});

describe('fileLabel', () => {
  it('is the name of the file alone', () => {
    expect(fileLabel('https://example.com/2024/bank.march.csv.gz?sig=x.y')).toBe('bank_march');
    expect(fileLabel('file:///data/Kontoausz%C3%BCge%202024.xlsx')).toBe('Kontoauszüge 2024');
    expect(fileLabel('100%.csv')).toBe('100%');
  });
});
