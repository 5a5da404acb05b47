import type { PairKind } from '../pair-kind.ts';

/** One busy month, so that customer and day are not enough. */
const DAYS = 30;

/** A Polish ledger and a payment provider's net amounts: a customer has several payments, and each comes with a fee or a rounding. */
export const tolerance: PairKind = {
  title: 'amounts within a tolerance (fees, rounding), several for each customer',
  left: {
    file: 'rozrachunki',
    style: { delimiter: ';', decimal: ',', thousands: ' ', date: 'y-m-d' },
    language: 'pl',
    columns: {
      'Numer faktury': (row) => `FS/${row + 1}/2025`,
      'Kod kontrahenta': 'text',
      Nazwa: 'text',
      'Data sprzedaży': 'date',
      'Kwota brutto': 'amount',
    },
  },
  right: {
    file: 'balance-transactions',
    style: { delimiter: ',', decimal: '.', date: 'y-m-d' },
    language: 'en',
    columns: {
      id: (row) => `txn_1Q${(9_771_203_551 + row * 104_729).toString(36)}`,
      customer: 'text',
      available_on: 'date',
      currency: 'text',
      net: 'amount',
    },
  },
  pairing: 'once',
  make(one) {
    const { random } = one;
    const customer = random.between(0, Math.ceil(one.size / 8));
    const code = `KH${String(4000 + customer)}`;
    const [day, cents] = [one.day(random, DAYS), one.cents(4000, 900_000)];
    const deviation = one.chance(0.5) ? random.between(-2, 2) : -random.between(30, 250);
    return {
      left: [
        {
          'Kod kontrahenta': code,
          Nazwa: one.firm(one.about(customer)),
          'Data sprzedaży': day,
          'Kwota brutto': cents,
        },
      ],
      right: [
        {
          customer: one.typed(code),
          available_on: day + random.between(0, 3),
          currency: 'PLN',
          net: one.received(cents + BigInt(deviation)),
        },
      ],
    };
  },
  expert: {
    conditions: [
      { kind: 'equal', left: 'Kod kontrahenta', right: 'customer' },
      { kind: 'amount', left: 'Kwota brutto', right: 'net', tolerance: { kind: 'absolute', value: '2.50' } },
      { kind: 'date', left: 'Data sprzedaży', right: 'available_on', after: 3 },
    ],
  },
};
