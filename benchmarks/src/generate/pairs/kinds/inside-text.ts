import type { PairKind } from '../pair-kind.ts';

/** An English ERP and a German savings bank: the document number stands somewhere in the remittance text. */
export const insideText: PairKind = {
  title: 'a reference inside a longer description',
  left: {
    file: 'Customer Ledger Entries',
    style: { delimiter: ',', decimal: '.', date: 'm/d/y' },
    language: 'en',
    columns: {
      'Entry No_': (row) => String(2_880_114 + row * 3),
      'Posting Date': 'date',
      'Document No_': 'text',
      'Customer No_': 'text',
      'Amount (LCY)': 'amount',
      Open: 'text',
    },
  },
  right: {
    file: 'umsaetze',
    style: { delimiter: ';', decimal: ',', date: 'd.m.y' },
    language: 'de',
    columns: {
      Auftragskonto: 'text',
      Buchungstag: 'date',
      Valutadatum: 'date',
      Buchungstext: 'text',
      Verwendungszweck: 'text',
      'Beguenstigter/Zahlungspflichtiger': 'text',
      Betrag: 'amount',
      Waehrung: 'text',
    },
  },
  pairing: 'once',
  make(one) {
    const { random, index } = one;
    const customer = random.between(0, Math.ceil(one.size / 15));
    const document = `PSI-${2_041_077 + index}`;
    const [day, cents] = [one.day(), one.cents(1200, 3_000_000)];
    const paid = day + random.between(3, 35);
    const [written, number] = [one.typed(document), String(70_000 + customer)];
    const day4 = String(random.between(1000, 9999));
    return {
      left: [
        {
          'Posting Date': day,
          'Document No_': document,
          'Customer No_': `C${number}`,
          'Amount (LCY)': cents,
          Open: random.pick(['Yes', 'No']),
        },
      ],
      right: [
        {
          Auftragskonto: 'DE02120300000000202051',
          Buchungstag: paid,
          Valutadatum: paid,
          Buchungstext: random.pick(['GUTSCHR. UEBERWEISUNG', 'ECHTZEIT-GUTSCHRIFT']),
          Verwendungszweck: random.pick([
            `SVWZ+Rechnung ${written} KdNr ${number} vielen Dank`,
            `${written} ${number}`,
            `EREF+NOTPROVIDED SVWZ+${written}, Auftrag ${day4}`,
            `Zahlung zu Beleg ${written}/${day4}`,
            `KD ${number} RG ${written} abzgl. nichts`,
          ]),
          'Beguenstigter/Zahlungspflichtiger': one.firm(one.about(customer)),
          Betrag: one.received(cents),
          Waehrung: 'EUR',
        },
      ],
    };
  },
  expert: {
    conditions: [
      {
        kind: 'equal',
        left: 'Document No_',
        right: 'Verwendungszweck',
        extract: { side: 'right', pattern: 'PSI-[0-9]{7}', example: 'PSI-2041077' },
      },
    ],
  },
};
