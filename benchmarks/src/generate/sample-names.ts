/** Customers as the ledger has them: commas, quotes, umlauts, an apostrophe, other scripts, and plain ones. */
export const customers = [
  'Müller & Söhne GmbH',
  "O'Brien, Kelly & Partners",
  'Café "Zur Post" Inh. J. Groß',
  'Société Générale d’Équipement',
  'Łukasz Wiśniewski Sp. z o.o.',
  'Smith, Jones "SJ" Ltd.',
  'Ångström Mätteknik AB',
  'Acme Corporation',
  'Bakery North',
  'Delta Logistics B.V.',
  'Fenster, Türen & Mehr KG',
  'Garcia Ñúñez S.L.',
  'Harbour Street Books',
  'Jørgensen Fisk A/S',
  'Kowalski Transport',
  'Lakeside Medical, Inc.',
  'Ökostrom Süd eG',
  'Piña Colada Events, "PCE"',
  'Quarry Stone Supplies',
  'Šimek a Dvořák s.r.o.',
  'Tailor & Thread',
  'Union Coffee Roasters',
  'Weiß Druck',
  '山田商事株式会社',
] as const;

const LETTERS: Record<string, string> = { ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss', ø: 'oe', å: 'aa', ł: 'l', ñ: 'n' };

/** The payer as banks print it: capitals without accents, at most 27 characters. A name in another script stays. */
export function payerOf(customer: string): string {
  return customer
    .toLowerCase()
    .replace(/[äöüßøåłñ]/g, (letter) => LETTERS[letter] ?? letter)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .slice(0, 27)
    .trim();
}

/** Lines that have no partner in the ledger. `low` and `high` are cents. */
export const bankOnlyLines = [
  { payer: 'KALLA BANK AG', reference: null, memo: 'Account maintenance fee', low: -1990, high: -490 },
  { payer: 'KALLA BANK AG', reference: null, memo: 'Foreign payment charge', low: -2500, high: -150 },
  { payer: 'KALLA BANK AG', reference: 'INTEREST Q1', memo: 'Credit interest', low: 12, high: 4200 },
  { payer: 'UNKNOWN REMITTER', reference: 'thank you', memo: 'Cash deposit, counter 3', low: 2000, high: 90_000 },
  { payer: 'J. DOE', reference: 'rent "March"', memo: null, low: 40_000, high: 120_000 },
  { payer: 'PAYMENT SERVICE 24', reference: 'PS24-BATCH', memo: 'Card settlement, net', low: 15_000, high: 800_000 },
] as const;
