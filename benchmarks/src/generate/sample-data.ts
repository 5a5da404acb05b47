import { Random } from './random.ts';
import { bankOnlyLines, customers, payerOf } from './sample-names.ts';

/** Seed of the committed sample. Another seed gives another sample of the same shape. */
export const SAMPLE_SEED = 20260331;

export interface LedgerRow {
  entry_id: string;
  booking_date: string;
  customer: string;
  invoice_number: string;
  /** Cents. */
  amount: bigint;
  currency: string;
  note: string | null;
}

export interface BankRow {
  statement_id: string;
  value_date: string;
  payer: string;
  reference: string | null;
  /** Cents. */
  amount: bigint;
  currency: string;
  memo: string | null;
}

/** Every trouble of the sample and how many business cases have it; a case is one invoice, or one line without a partner. */
export const sampleCases = {
  /** Paid in full under the number that the invoice has. */
  plain: 1000,
  /** Paid in full, the invoice number is written in another way. */
  reformatted: 400,
  /** A bank on the way kept 0.35 to 15.00. */
  fee: 180,
  /** Credit notes: both sides are negative. */
  refund: 60,
  /** One payment, the invoice is in the ledger twice. */
  booked_twice: 20,
  /** One invoice, the customer paid twice. */
  paid_twice: 25,
  /** Paid 15 to 40 days after the booking: outside of what the rule allows. */
  late: 30,
  /** Paid in two instalments; the rule wants one payment. */
  instalments: 20,
  /** Paid in the other currency. */
  other_currency: 15,
  /** A letter in place of a digit in the reference. */
  typo: 20,
  /** Paid without any reference. */
  no_reference: 25,
  /** In the ledger only. */
  unpaid: 185,
  /** On the statement only: charges, interest, unknown payers. */
  bank_only: 160,
} as const;
export type SampleCase = keyof typeof sampleCases;

const MATCHING: ReadonlySet<SampleCase> = new Set([
  'plain',
  'reformatted',
  'fee',
  'refund',
  'booked_twice',
  'paid_twice',
]);

/** What is known about the sample because it was made so. */
export interface SampleTruth {
  counts: {
    left: number;
    right: number;
    matched: number;
    unmatched_left: number;
    unmatched_right: number;
    matched_left_rows: number;
    matched_right_rows: number;
  };
  /** `entry_id|statement_id` of each matched row, sorted. */
  pairs: string[];
  /** `entry_id`, sorted. */
  unmatchedLeft: string[];
  /** `statement_id`, sorted. */
  unmatchedRight: string[];
}

export interface Sample {
  ledger: LedgerRow[];
  bank: BankRow[];
  truth: SampleTruth;
}

interface Group {
  matches: boolean;
  ledger: LedgerRow[];
  bank: BankRow[];
}

/** Makes the ledger and the statement, 2,000 rows each, and the truth about them. */
export function makeSample(seed = SAMPLE_SEED): Sample {
  const random = new Random(seed);
  const kinds = (Object.keys(sampleCases) as SampleCase[]).flatMap((kind) =>
    Array.from({ length: sampleCases[kind] }, () => kind),
  );
  shuffle(kinds, random);
  const groups = kinds.map((kind, index) => makeGroup(kind, index + 1, random));

  const ledger = groups.flatMap((group) => group.ledger);
  const bank = groups.flatMap((group) => group.bank);
  // Stable sorts: within a day the shuffled order stays, as in a real export.
  ledger.sort((a, b) => compare(a.booking_date, b.booking_date));
  bank.sort((a, b) => compare(a.value_date, b.value_date));
  ledger.forEach((row, index) => (row.entry_id = `L-${String(index + 1).padStart(5, '0')}`));
  bank.forEach((row, index) => (row.statement_id = `B-${String(index + 1).padStart(5, '0')}`));
  return { ledger, bank, truth: truthOf(groups, ledger.length, bank.length) };
}

function makeGroup(kind: SampleCase, number: number, random: Random): Group {
  const booked = random.between(0, 89);
  const lag = kind === 'late' ? random.between(15, 40) : random.pick([0, 0, 1, 1, 1, 2, 2, 3, 4, 6]);
  const currency = random.pick(['EUR', 'EUR', 'EUR', 'USD']);
  // From 100.00 up, so that neither a fee nor half of an amount comes near the rule's tolerance by chance.
  const cents = BigInt(random.between(10_000, random.pick([50_000, 250_000, 2_500_000])));
  const amount = kind === 'refund' ? -cents : cents;
  const customer = random.pick(customers);
  const invoice = `INV-2026-${String(number).padStart(5, '0')}`;
  const entry = (): LedgerRow => ({
    entry_id: '',
    booking_date: isoDate(booked),
    customer,
    invoice_number: invoice,
    amount,
    currency,
    note:
      kind === 'refund' ? 'Credit note' : random.pick([null, null, null, 'Net 10 days', 'Order by phone, "urgent"']),
  });
  const payment = (changes: Partial<BankRow> = {}): BankRow => ({
    statement_id: '',
    value_date: isoDate(booked + lag),
    payer: payerOf(customer),
    reference: invoice,
    amount,
    currency,
    memo: random.pick([null, null, 'SEPA credit transfer', 'Zahlung, danke', 'Payment "as agreed", thank you']),
    ...changes,
  });
  const group = (ledger: LedgerRow[], bank: BankRow[]): Group => ({ matches: MATCHING.has(kind), ledger, bank });

  switch (kind) {
    case 'plain':
    case 'refund':
    case 'late':
      return group([entry()], [payment()]);
    case 'reformatted':
      return group([entry()], [payment({ reference: otherSpelling(invoice, random) })]);
    case 'fee':
      return group(
        [entry()],
        [payment({ amount: amount - BigInt(random.between(35, 1500)), memo: 'Charges deducted (OUR/SHA)' })],
      );
    case 'booked_twice':
      return group([entry(), entry()], [payment()]);
    case 'paid_twice':
      return group([entry()], [payment(), payment({ value_date: isoDate(booked + lag + random.between(0, 3)) })]);
    case 'instalments': {
      const first = (amount * 6n) / 10n;
      const second = payment({ amount: amount - first, value_date: isoDate(booked + lag + 2) });
      return group([entry()], [payment({ amount: first, memo: 'Part 1 of 2' }), { ...second, memo: 'Part 2 of 2' }]);
    }
    case 'other_currency':
      return group([entry()], [payment({ currency: currency === 'EUR' ? 'USD' : 'EUR' })]);
    case 'typo':
      return group([entry()], [payment({ reference: invoice.replace(/0(\d{4})$/, 'O$1') })]);
    case 'no_reference':
      return group([entry()], [payment({ reference: null })]);
    case 'unpaid':
      return group([entry()], []);
    case 'bank_only': {
      const line = random.pick(bankOnlyLines);
      const sum = BigInt(random.between(line.low, line.high));
      return group([], [payment({ payer: line.payer, reference: line.reference, memo: line.memo, amount: sum })]);
    }
  }
}

/** The same number as people and banking portals write it: all are equal once letters, blanks, `-` and `/` are gone. */
function otherSpelling(invoice: string, random: Random): string {
  const [, year, digits] = invoice.split('-');
  return random.pick([
    `inv-${year}-${digits}`,
    `INV${year}${digits}`,
    `INV ${year} ${digits}`,
    `${year}/${digits}`,
    `Inv ${year}-${digits}`,
  ]);
}

function truthOf(groups: Group[], left: number, right: number): SampleTruth {
  const matching = groups.filter((group) => group.matches);
  const rest = groups.filter((group) => !group.matches);
  const pairs = matching.flatMap((group) =>
    group.ledger.flatMap((entry) => group.bank.map((line) => `${entry.entry_id}|${line.statement_id}`)),
  );
  const unmatchedLeft = rest.flatMap((group) => group.ledger.map((entry) => entry.entry_id));
  const unmatchedRight = rest.flatMap((group) => group.bank.map((line) => line.statement_id));
  return {
    counts: {
      left,
      right,
      matched: pairs.length,
      unmatched_left: unmatchedLeft.length,
      unmatched_right: unmatchedRight.length,
      matched_left_rows: left - unmatchedLeft.length,
      matched_right_rows: right - unmatchedRight.length,
    },
    pairs: pairs.sort(),
    unmatchedLeft: unmatchedLeft.sort(),
    unmatchedRight: unmatchedRight.sort(),
  };
}

/** Day of the first quarter of 2026 and beyond, counted from 0. */
function isoDate(day: number): string {
  return new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function shuffle<T>(items: T[], random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.between(0, i);
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
}
