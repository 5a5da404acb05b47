import type { PairKind } from '../pair-kind.ts';

/** A German booking export and a French bank: `RE-00042` is written by each payer in another way. */
export const formatting: PairKind = {
  title: 'the same reference in other spellings (`RE-00042`, `re 42`)',
  left: {
    file: 'buchungsstapel',
    style: { delimiter: ';', decimal: ',', thousands: '.', date: 'd.m.y' },
    language: 'de',
    columns: {
      'Umsatz (ohne Soll/Haben-Kz)': 'amount',
      'Soll/Haben-Kennzeichen': 'text',
      'Gegenkonto (ohne BU-Schlüssel)': 'text',
      Belegdatum: 'date',
      'Belegfeld 1': 'text',
      Buchungstext: 'text',
    },
  },
  right: {
    file: 'releve-compte',
    style: { delimiter: ';', decimal: ',', thousands: ' ', date: 'd/m/y' },
    language: 'fr',
    columns: {
      "Date d'opération": 'date',
      'Date de valeur': 'date',
      Libellé: 'text',
      Référence: 'text',
      'Montant(EUROS)': 'amount',
    },
  },
  pairing: 'once',
  make(one) {
    const { random, index } = one;
    const digits = String(42 + index);
    const padded = digits.padStart(7, '0');
    const [day, cents, firm] = [one.day(), one.cents(1500, 2_000_000), one.firm()];
    const written = random.pick([
      `RE-${padded}`,
      `re ${digits}`,
      `RE${padded}`,
      `Re/${digits}`,
      `re-${padded}`,
      `RE ${padded}`,
      `RE.${digits}`,
    ]);
    const paid = day + random.between(1, 28);
    return {
      left: [
        {
          'Umsatz (ohne Soll/Haben-Kz)': cents,
          'Soll/Haben-Kennzeichen': 'S',
          'Gegenkonto (ohne BU-Schlüssel)': String(random.between(8400, 8420)),
          Belegdatum: day,
          'Belegfeld 1': `RE-${padded}`,
          Buchungstext: firm,
        },
      ],
      right: [
        {
          "Date d'opération": paid,
          'Date de valeur': paid + random.between(0, 1),
          Libellé: `VIR SEPA RECU ${firm.toUpperCase()}`,
          Référence: one.typed(written),
          'Montant(EUROS)': one.received(cents),
        },
      ],
    };
  },
  expert: {
    conditions: [
      {
        kind: 'equal',
        left: 'Belegfeld 1',
        right: 'Référence',
        ignore: ['case', 'spaces', 'punctuation', 'leading_zeros'],
      },
    ],
  },
};
