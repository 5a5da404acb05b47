import { problem, PROBLEM_BASE, ProblemError, type Problem } from '@kalla/core';
import { maskUrls } from '../log.server.ts';

const SENTENCE =
  'Kalla cannot reach its database. Nothing that was saved is lost, and Kalla tries again by itself with everything that is ' +
  'asked of it; what was not saved just now has to be done again. If it stays so, whoever runs Kalla has to see that the ' +
  'PostgreSQL server which DATABASE_URL names is running and lets Kalla in; Kalla itself need not be started again.';

/** How network and TLS say that a server is not there, or is there no more. */
const NETWORK =
  /^(E(CONN\w+|PIPE|TIMEDOUT|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|NOTFOUND|AI_AGAIN|NOENT|ACCES)|ERR_TLS\w*)$/;
/** SQLSTATE of a connection that is lost (08), a server that stops, crashed or starts (57P01 to 57P03). */
const SERVER = /^(08\w{3}|57P0[123])$/;
/** What the driver itself says; it gives these no code. */
const DRIVER = /^(Connection terminated|Client has encountered a connection error|Client was closed)/;

/** What everybody is told while the database does not answer. It holds nothing of its address. */
export function lostDatabase(cause: unknown): ProblemError {
  return new ProblemError('database-unreachable', SENTENCE, undefined, cause);
}

/** That problem, where an error of a query or transaction means that the connection is lost; else undefined. */
export function lostDatabaseOf(error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined;
  if (isLost(error)) return (error as unknown as ProblemError).problem;
  // drizzle's error of a query holds what the driver said as its cause; errors of others may have the same codes.
  if (!('query' in error && 'params' in error && error.cause instanceof Error)) return undefined;
  if (isLost(error.cause)) return (error.cause as unknown as ProblemError).problem;
  return saysLost(error.cause) ? problem('database-unreachable', SENTENCE) : undefined;
}

/** Why it cannot be reached, for the log of an operator: code and message without an address's password. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  // Where a name stands for several addresses, the error of all of them has no message.
  const parts = [message, code].filter((part): part is string => typeof part === 'string' && part !== '');
  return maskUrls(parts.join(', '));
}

/** Known by its shape: the page build and the server bundle may hold two copies of the class. */
function isLost(error: Error): boolean {
  return (error as { problem?: Problem }).problem?.type === `${PROBLEM_BASE}database-unreachable`;
}

function saysLost(error: Error): boolean {
  const code = String((error as { code?: unknown }).code ?? '');
  return NETWORK.test(code) || SERVER.test(code) || DRIVER.test(error.message);
}
