import { describe } from 'vitest';

/** The real servers tests talk to, and the variable that holds each one's address (REAL PARTS in CONTRIBUTING.md). */
export const parts = {
  postgres: 'KALLA_TEST_POSTGRES_URL',
  'postgres-tls': 'KALLA_TEST_POSTGRES_TLS_URL',
  bigquery: 'KALLA_TEST_BIGQUERY_URL',
  elasticsearch: 'KALLA_TEST_ELASTICSEARCH_URL',
  chromium: 'KALLA_TEST_CHROMIUM',
  verdaccio: 'KALLA_TEST_NPM_REGISTRY',
} as const;
export type Part = keyof typeof parts;

/** The address of a part, or undefined where it is absent. With `KALLA_TEST_REQUIRE=all` an absent part throws. */
export function partAddress(part: Part): string | undefined {
  const address = process.env[parts[part]];
  if (!address && process.env.KALLA_TEST_REQUIRE === 'all') {
    throw new Error(`The test needs ${part}: ${parts[part]} is not set, and KALLA_TEST_REQUIRE=all.`);
  }
  return address || undefined;
}

/** A `describe` that is skipped, and counted as skipped, where the part is absent, and fails there if all parts are required. */
export function describeWith(part: Part, name: string, body: (address: string) => void): void {
  const address = partAddress(part);
  describe.skipIf(!address)(name, () => body(address ?? ''));
}
