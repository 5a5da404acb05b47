/** What there is to find in the two files. */
export const pairs = { invoices: 60, lines: 54, byReference: 50, withFee: 6 };

const customers = [
  'Müller & Söhne GmbH',
  "O'Brien Ltd",
  'Société Générale',
  'Acme, Inc.',
  'Nordwind AG',
  'Café Zürich',
];
const two = (value: number) => String(value).padStart(2, '0');

interface Invoice {
  number: number;
  customer: string;
  day: number;
  month: number;
  cents: bigint;
}

/** Numbers that look unordered and are the same each time. */
function* scattered(): Generator<number, never> {
  for (let seed = 7; ;) {
    seed = (seed * 48_271) % 2_147_483_647;
    yield seed;
  }
}

function all(): Invoice[] {
  const random = scattered();
  const next = (below: number) => random.next().value % below;
  return Array.from({ length: pairs.invoices }, (_, index) => ({
    number: index + 1,
    customer: customers[next(customers.length)] ?? '',
    day: 1 + next(24),
    month: 1 + next(3),
    cents: BigInt(1000 + next(900_000)),
  }));
}

const digits = (cents: bigint) => [cents / 100n, two(Number(cents % 100n))] as const;

/** A list of invoices as a program in English writes it. */
export function invoices(): string {
  const rows = all().map(({ number, customer, day, month, cents }) =>
    [
      `INV-2026-${String(number).padStart(5, '0')}`,
      `"${customer}"`,
      `2026-${two(month)}-${two(day)}`,
      digits(cents).join('.'),
      'EUR',
    ].join(','),
  );
  return ['Invoice no,Customer,Issued on,Gross amount,Currency', ...rows, ''].join('\r\n');
}

/**
 * The bank's statement as a German bank writes it: Latin-1, semicolons, `1.234,56`, days first, the invoice's number in a
 * text. Every sixth invoice is unpaid; of every tenth the bank kept a fee of 1.50; four lines are the bank's own.
 */
export function bankStatement(): Buffer {
  const lines = all()
    .filter(({ number }) => number % 6 !== 0)
    .map(({ number, customer, day, month, cents }) => {
      const [whole, rest] = digits(number % 10 === 3 ? cents - 150n : cents);
      const grouped = String(whole).replace(/\B(?=(\d{3})+$)/g, '.');
      const reference = String(number).padStart(5, '0');
      const text = number % 3 === 0 ? `inv-2026/${reference}` : `Rechnung INV 2026 ${reference} vielen Dank`;
      return [
        `${two(day + (number % 5))}.${two(month)}.2026`,
        text,
        customer.toUpperCase(),
        `${grouped},${rest}`,
        'EUR',
      ].join(';');
    });
  const own = [0, 1, 2, 3].map((index) =>
    [`1${index}.03.2026`, 'Kontoführung', 'Sparkasse', `-${4 + index},90`, 'EUR'].join(';'),
  );
  const text = ['Buchungstag;Verwendungszweck;Auftraggeber;Betrag;Währung', ...lines.reverse(), ...own, ''].join(
    '\r\n',
  );
  return Buffer.from(text, 'latin1');
}
