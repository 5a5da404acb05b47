import type { PairKind } from '../pair-kind.ts';

const CURRENCIES = ['EUR', 'USD', 'SEK'] as const;

/** A web shop and its card acquirer, no reference: each amount is there in three currencies on the same day. */
export const currencies: PairKind = {
  title: 'several currencies in one file with equal amounts, no reference',
  left: {
    file: 'försäljning',
    style: { delimiter: ';', decimal: ',', date: 'y-m-d' },
    language: 'sv',
    columns: {
      Ordernr: (row) => String(500_113 + row),
      Säljdatum: 'date',
      Valuta: 'text',
      Summa: 'amount',
      Land: 'text',
    },
  },
  right: {
    file: 'acquirer-settlement',
    style: { delimiter: ',', decimal: '.', date: 'd/m/y' },
    language: 'en',
    columns: {
      'Auth Code': (row) => (982_451 + row * 15_485).toString(36).toUpperCase().padStart(6, '0'),
      'Trans. Date': 'date',
      CCY: 'text',
      'Settlement Amt': 'amount',
      Scheme: 'text',
    },
  },
  pairing: 'once',
  make(one) {
    const facts = one.about(Math.floor(one.index / CURRENCIES.length));
    const [day, cents] = [one.day(facts), one.cents(900, 1_500_000, facts)];
    const currency = CURRENCIES[one.index % CURRENCIES.length] ?? 'EUR';
    return {
      left: [{ Säljdatum: day, Valuta: currency, Summa: cents, Land: one.random.pick(['SE', 'DE', 'US', 'FI', 'IE']) }],
      right: [
        {
          'Trans. Date': day + one.random.between(0, 1),
          CCY: currency,
          'Settlement Amt': one.received(cents),
          Scheme: one.random.pick(['VISA', 'MASTERCARD', 'AMEX']),
        },
      ],
    };
  },
  expert: {
    conditions: [
      { kind: 'equal', left: 'Valuta', right: 'CCY' },
      { kind: 'amount', left: 'Summa', right: 'Settlement Amt' },
      { kind: 'date', left: 'Säljdatum', right: 'Trans. Date', after: 1 },
    ],
  },
};
