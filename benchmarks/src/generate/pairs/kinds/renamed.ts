import type { PairKind } from '../pair-kind.ts';

/** A Dutch ledger and the payout report of a payment provider: the invoice number stands in both, as it is. */
export const renamed: PairKind = {
  title: 'the same reference under other column names',
  left: {
    file: 'openstaande-posten',
    style: { delimiter: ';', decimal: ',', date: 'd-m-y' },
    language: 'nl',
    columns: {
      Volgnr: (row) => String(310_020 + row),
      Relatie: 'text',
      Factuurnummer: 'text',
      Factuurdatum: 'date',
      'Bedrag incl. btw': 'amount',
    },
  },
  right: {
    file: 'payout_report',
    style: { delimiter: ',', decimal: '.', date: 'y-m-d' },
    language: 'en',
    columns: {
      psp_reference: (row) => `88${(15_731_009_113 + row * 7919).toString(36).toUpperCase()}`,
      merchant_reference: 'text',
      settled_on: 'date',
      currency: 'text',
      gross: 'amount',
      payment_method: 'text',
    },
  },
  pairing: 'once',
  make(one) {
    const { random, index } = one;
    const reference = `F25-${104_233 + index}`;
    const [day, cents] = [one.day(), one.cents(900, 800_000)];
    return {
      left: [{ Relatie: one.firm(), Factuurnummer: reference, Factuurdatum: day, 'Bedrag incl. btw': cents }],
      right: [
        {
          merchant_reference: one.typed(reference),
          settled_on: day + random.between(0, 30),
          currency: 'EUR',
          gross: one.received(cents),
          payment_method: random.pick(['ideal', 'visa', 'mc', 'bankTransfer_IBAN']),
        },
      ],
    };
  },
  expert: { conditions: [{ kind: 'equal', left: 'Factuurnummer', right: 'merchant_reference' }] },
};
