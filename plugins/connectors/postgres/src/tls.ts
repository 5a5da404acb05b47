import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import type { PostgresConfig } from './config.ts';

/** One way to try a connection: without TLS (`false`), or with these options. */
export type TlsAttempt = ConnectionOptions | false;

/**
 * The ways to connect that a TLS mode allows, in libpq's order. Only `prefer` has a second: without TLS, when the server
 * does not speak it or only admits this user without.
 */
export function tlsAttempts(config: PostgresConfig): TlsAttempt[] {
  const ca = config.sslrootcert === undefined ? {} : { ca: config.sslrootcert };
  switch (config.sslmode) {
    case 'disable':
      return [false];
    case 'prefer':
      return [{ rejectUnauthorized: false }, false];
    case 'require':
      // As libpq: with a certificate at hand, "require" checks it as "verify-ca" does.
      return [
        config.sslrootcert
          ? { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined }
          : { rejectUnauthorized: false },
      ];
    case 'verify-ca':
      return [{ ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined }];
    case 'verify-full':
      // Said explicitly, because Node compares with "localhost" where the host is an IP address.
      return [
        {
          ...ca,
          rejectUnauthorized: true,
          checkServerIdentity: (_, certificate) => checkServerIdentity(config.host, certificate),
        },
      ];
  }
}
