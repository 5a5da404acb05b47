import { dayOf } from '../cells.ts';
import type { PairKind } from '../pair-kind.ts';

const TICKETS = 20;
/** Even ten days have a 13th: the order of day and month is to be known, what is hard here is the key. */
const FIRST_DAY = dayOf('2025-02-08');

/** Tills: a ticket number starts again each day in each shop, so that shop, day and ticket together are the key. */
export const compositeKey: PairKind = {
  title: 'a key of three columns: shop, day and ticket',
  left: {
    file: 'kassabonnen',
    style: { delimiter: ';', decimal: ',', date: 'd-m-y' },
    language: 'nl',
    columns: { Filiaal: 'text', Datum: 'date', Bonnr: 'text', Kassamedewerker: 'text', Totaal: 'amount' },
  },
  right: {
    file: 'pos_tickets',
    style: { delimiter: ',', decimal: '.', date: 'y-m-d' },
    language: 'en',
    columns: { store: 'text', business_date: 'date', ticket: 'text', tender: 'text', amount_due: 'amount' },
  },
  pairing: 'once',
  make(one) {
    const { random, index } = one;
    const groups = Math.ceil(one.size / TICKETS);
    const shops = Math.max(5, Math.ceil(groups / 300));
    const group = Math.floor(index / TICKETS);
    const [shop, day] = [`S${201 + (group % shops)}`, FIRST_DAY + Math.floor(group / shops)];
    const ticket = String((index % TICKETS) + 1).padStart(4, '0');
    const cents = BigInt(random.between(2, 120) * 50);
    return {
      left: [
        {
          Filiaal: shop,
          Datum: day,
          Bonnr: ticket,
          Kassamedewerker: random.pick(['Anouk', 'Bram', 'Daan', 'Fenna', 'Joris']),
          Totaal: cents,
        },
      ],
      right: [
        {
          store: shop,
          business_date: day,
          ticket: one.typed(ticket),
          tender: random.pick(['cash', 'pin', 'creditcard']),
          amount_due: one.received(cents),
        },
      ],
    };
  },
  expert: {
    conditions: [
      { kind: 'equal', left: 'Filiaal', right: 'store' },
      { kind: 'equal', left: 'Datum', right: 'business_date' },
      { kind: 'equal', left: 'Bonnr', right: 'ticket' },
    ],
  },
};
