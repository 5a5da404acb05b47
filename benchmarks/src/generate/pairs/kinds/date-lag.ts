import { dayOf } from '../cells.ts';
import type { PairKind } from '../pair-kind.ts';

const FIRST_DAY = dayOf('2025-01-03');

/** An Italian club and its Swedish bank: every member pays the same fee each month, some days late. */
export const dateLag: PairKind = {
  title: 'a lag of days between equal monthly amounts of a member',
  left: {
    file: 'quote-associative',
    style: { delimiter: ';', decimal: ',', date: 'd/m/y' },
    language: 'it',
    columns: {
      'N. ricevuta': (row) => `R${String(row + 1).padStart(7, '0')}`,
      'Codice socio': 'text',
      Nominativo: 'text',
      'Data scadenza': 'date',
      Quota: 'amount',
    },
  },
  right: {
    file: 'kontoutdrag',
    style: { delimiter: ';', decimal: ',', date: 'y-m-d' },
    language: 'sv',
    columns: {
      Bokföringsdag: 'date',
      Meddelande: 'text',
      Medlemsnr: 'text',
      Belopp: 'amount',
      Verifikation: (row) => `V${40_500 + row * 2}`,
    },
  },
  pairing: 'once',
  make(one) {
    const { random, index } = one;
    const [member, month] = [Math.floor(index / 12), index % 12];
    const about = one.about(member);
    const [name, cents, dueDay] = [one.firm(about), BigInt(about.between(10, 60) * 150), about.between(0, 20)];
    const due = FIRST_DAY + Math.floor(month * 30.4) + dueDay;
    const code = `M${11_000 + member}`;
    return {
      left: [{ 'Codice socio': code, Nominativo: name, 'Data scadenza': due, Quota: cents }],
      right: [
        {
          Bokföringsdag: due + random.between(1, 6),
          Meddelande: random.pick(['Medlemsavgift', 'Avgift', 'Bankgiro inbetalning']),
          Medlemsnr: one.typed(code),
          Belopp: one.received(cents),
        },
      ],
    };
  },
  expert: {
    conditions: [
      { kind: 'equal', left: 'Codice socio', right: 'Medlemsnr' },
      { kind: 'amount', left: 'Quota', right: 'Belopp' },
      { kind: 'date', left: 'Data scadenza', right: 'Bokföringsdag', after: 7 },
    ],
  },
};
