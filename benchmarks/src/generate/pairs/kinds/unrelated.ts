import type { PairKind } from '../pair-kind.ts';

/**
 * A payroll and the bookings of a hotel: nothing belongs together. What could mislead is there all the same: amounts and
 * days from the same range, and, since both count their rows from 1, numbers that are all found on the other side.
 */
export const unrelated: PairKind = {
  title: 'two files with nothing in common, amounts and days of the same range, both numbered from 1',
  left: {
    file: 'lohnjournal',
    style: { delimiter: ';', decimal: ',', date: 'd.m.y' },
    language: 'de',
    columns: {
      Zeile: (row) => String(row + 1),
      Personalnummer: 'text',
      Auszahlungstag: 'date',
      Lohnart: 'text',
      'Netto EUR': 'amount',
    },
  },
  right: {
    file: 'bookings',
    style: { delimiter: ',', decimal: '.', date: 'y-m-d' },
    language: 'en',
    columns: {
      No: (row) => String(row + 1),
      Room: 'text',
      'Check-in': 'date',
      Nights: 'text',
      Rate: 'amount',
      'Booked via': 'text',
    },
  },
  pairing: 'once',
  make(one) {
    // Odd and even cases are strangers to each other: neither has anything on the other side.
    if (one.index % 2 === 0) {
      return {
        left: [
          {
            Personalnummer: `P${one.random.between(1000, 1000 + Math.ceil(one.size / 12))}`,
            Auszahlungstag: one.day(),
            Lohnart: one.random.pick(['Gehalt', 'Zulage', 'Prämie', 'Fahrtkosten']),
            'Netto EUR': one.cents(4000, 600_000),
          },
        ],
        right: [],
      };
    }
    return {
      left: [],
      right: [
        {
          Room: String(one.random.between(101, 140)),
          'Check-in': one.day(),
          Nights: String(one.random.between(1, 9)),
          Rate: one.cents(4000, 600_000),
          'Booked via': one.random.pick(['web', 'phone', 'agency', 'walk-in']),
        },
      ],
    };
  },
  expert: null,
};
