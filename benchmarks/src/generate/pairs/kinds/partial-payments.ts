import type { PairKind } from '../pair-kind.ts';

/** A Portuguese ledger and a bank: 6 of 10 invoices are paid at once, the others in two or three instalments. */
export const partialPayments: PairKind = {
  title: 'one invoice paid in up to three instalments',
  left: {
    file: 'contas-a-receber',
    style: { delimiter: ';', decimal: ',', thousands: '.', date: 'd/m/y' },
    language: 'pt',
    columns: { 'N.º fatura': 'text', Cliente: 'text', 'Data de emissão': 'date', 'Valor total': 'amount' },
  },
  right: {
    file: 'incoming_payments',
    style: { delimiter: ',', decimal: '.', date: 'y-m-d' },
    language: 'en',
    columns: {
      payment_no: (row) => `P-${660_021 + row}`,
      received: 'date',
      end_to_end_id: 'text',
      credited: 'amount',
      debtor: 'text',
    },
  },
  pairing: 'every',
  make(one) {
    const { random, index } = one;
    const invoice = `FT 2025/${3011 + index}`;
    const [day, cents, firm] = [one.day(), one.cents(6000, 4_000_000), one.firm()];
    const die = random.next();
    const instalments = die < 0.6 ? 1 : die < 0.85 ? 2 : 3;
    const part = cents / BigInt(instalments);
    return {
      left: [{ 'N.º fatura': invoice, Cliente: firm, 'Data de emissão': day, 'Valor total': cents }],
      right: Array.from({ length: instalments }, (_, number) => ({
        received: day + random.between(5, 25) + number * 30,
        end_to_end_id: one.typed(invoice),
        // The last one brings what the division left over.
        credited: one.received(number === instalments - 1 ? cents - part * BigInt(number) : part),
        debtor: firm.toUpperCase(),
      })),
    };
  },
  expert: { conditions: [{ kind: 'equal', left: 'N.º fatura', right: 'end_to_end_id' }], pairing: 'every' },
};
