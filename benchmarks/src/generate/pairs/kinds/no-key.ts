import type { PairKind } from '../pair-kind.ts';

/** One busy month, so that no two of customer, amount and day are enough. */
const DAYS = 30;

/** A German ledger and a Norwegian bank without any number of its own: the same customer may buy the same thing twice a day. */
export const noKey: PairKind = {
  title: 'no key column on one side: customer, amount and day together',
  left: {
    file: 'debitoren-einzelposten',
    style: { delimiter: ';', decimal: ',', date: 'd.m.y' },
    language: 'de',
    columns: {
      Belegnummer: (row) => `AR${1_004_000 + row}`,
      Debitor: 'text',
      Name: 'text',
      Buchungsdatum: 'date',
      'Betrag in HW': 'amount',
    },
  },
  right: {
    file: 'kontobevegelser',
    style: { delimiter: ';', decimal: ',', date: 'd.m.y' },
    language: 'no',
    keyless: true,
    columns: { Dato: 'date', Forklaring: 'text', Kundenr: 'text', 'Beløp inn': 'amount' },
  },
  pairing: 'once',
  make(one) {
    const { random } = one;
    const customer = random.between(0, Math.ceil(one.size / 25));
    const number = `D${60_100 + customer}`;
    const [day, cents] = [one.day(random, DAYS), BigInt(random.between(1, 40) * 250)];
    return {
      left: [
        {
          Debitor: number,
          Name: one.firm(one.about(customer)),
          Buchungsdatum: day,
          'Betrag in HW': cents,
        },
      ],
      right: [
        {
          Dato: day,
          Forklaring: random.pick(['Overføring', 'Kortbetaling', 'Giro']),
          Kundenr: one.typed(number),
          'Beløp inn': one.received(cents),
        },
      ],
    };
  },
  expert: {
    conditions: [
      { kind: 'equal', left: 'Debitor', right: 'Kundenr' },
      { kind: 'amount', left: 'Betrag in HW', right: 'Beløp inn' },
      { kind: 'date', left: 'Buchungsdatum', right: 'Dato' },
    ],
  },
};
