import type { PairKind } from '../pair-kind.ts';

/** A French ledger and an American bank: nothing in common but the amount and, some days later, the date. */
export const noReference: PairKind = {
  title: 'no reference at all: amount and a window of dates',
  left: {
    file: 'grand-livre-512',
    style: { delimiter: ';', decimal: ',', date: 'd/m/y' },
    language: 'fr',
    columns: {
      'N° pièce': (row) => `BQ${String(row + 1).padStart(6, '0')}`,
      'Date écriture': 'date',
      Tiers: 'text',
      'Libellé écriture': 'text',
      Montant: 'amount',
    },
  },
  right: {
    file: 'Checking_Activity',
    style: { delimiter: ',', decimal: '.', date: 'm/d/y' },
    language: 'en',
    columns: { Details: 'text', 'Posting Date': 'date', Description: 'text', Amount: 'amount', Type: 'text' },
  },
  pairing: 'once',
  make(one) {
    const { random } = one;
    const [day, cents] = [one.day(), one.cents(300, 3_000_000)];
    return {
      left: [
        {
          'Date écriture': day,
          Tiers: `T${random.between(100, 400)}`,
          'Libellé écriture': random.pick(['Règlement client', 'Encaissement', 'Virement reçu']),
          Montant: cents,
        },
      ],
      right: [
        {
          Details: 'CREDIT',
          'Posting Date': day + random.between(0, 3),
          Description: `ORIG CO NAME:${random.pick(['PAYROLLCO', 'ACME MERCH', 'INTL WIRE', 'ZELLE FROM'])} ${random.between(10_000, 99_999)}`,
          Amount: one.received(cents),
          Type: random.pick(['ACH_CREDIT', 'WIRE_INCOMING', 'DEPOSIT']),
        },
      ],
    };
  },
  expert: {
    conditions: [
      { kind: 'amount', left: 'Montant', right: 'Amount' },
      { kind: 'date', left: 'Date écriture', right: 'Posting Date', after: 3 },
    ],
  },
};
