import type { PairKind } from '../pair-kind.ts';

/**
 * Two companies of a group: what one has to get, the other has to pay. Each fourth document is the reversal of the one
 * before it, under the same number, so that the number alone pairs a booking with the wrong half.
 */
export const oppositeSigns: PairKind = {
  title: 'opposite signs, and reversals under the same number',
  left: {
    file: 'FBL5N_1000',
    style: { delimiter: '\t', decimal: '.', date: 'd.m.y' },
    language: 'en',
    columns: {
      BELNR: (row) => String(1_800_004_411 + row),
      XBLNR: 'text',
      BUDAT: 'date',
      DMBTR: 'amount',
      WAERS: 'text',
      SGTXT: 'text',
    },
  },
  right: {
    file: 'mayor-intercompania',
    style: { delimiter: ';', decimal: ',', date: 'd/m/y' },
    language: 'es',
    columns: {
      'Nº asiento': (row) => `${77_310 + row * 2}`,
      'Fecha contable': 'date',
      'Su documento': 'text',
      Concepto: 'text',
      Importe: 'amount',
    },
  },
  pairing: 'once',
  make(one) {
    const reversal = one.index % 4 === 3;
    const original = reversal ? one.index - 1 : one.index;
    const facts = one.about(original);
    const cents = one.cents(5000, 9_000_000, facts) * (reversal ? -1n : 1n);
    const day = one.day(facts) + (reversal ? one.random.between(2, 20) : 0);
    const document = `IC/${90_411 + original}`;
    return {
      left: [
        {
          XBLNR: document,
          BUDAT: day,
          DMBTR: cents,
          WAERS: 'EUR',
          SGTXT: reversal ? 'Storno Verrechnung' : 'Verrechnung Konzern',
        },
      ],
      right: [
        {
          'Fecha contable': day + one.random.between(0, 2),
          'Su documento': one.typed(document),
          Concepto: reversal ? 'Anulación cargo matriz' : 'Cargo matriz',
          Importe: -one.received(cents),
        },
      ],
    };
  },
  expert: {
    conditions: [
      { kind: 'equal', left: 'XBLNR', right: 'Su documento' },
      {
        kind: 'amount',
        left: 'DMBTR',
        right: 'Importe',
        sign: 'opposite',
        tolerance: { kind: 'absolute', value: '15.00' },
      },
    ],
  },
};
