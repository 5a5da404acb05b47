import { ConnectorError, problem, problemOf, ProblemError } from '@kalla/core';
import type { FromChild } from '../processes/messages.ts';
import { redact } from '../redact.ts';

type Failure = Pick<Extract<FromChild, { type: 'failed' }>, 'problem' | 'fault' | 'cause'>;

/**
 * What a task's error is to the user, and what the log gets of it: the whole story where it is a fault of ours or of the
 * machine; of a mistake in somebody's data only what kind of error it was, since messages of the engine repeat cells.
 */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { problem: problem('cancelled', 'The run was cancelled. Nothing was changed.') };
  const found = problemOf(error);
  const inner = ConnectorError.is(error) || error instanceof ProblemError ? error.cause : error;
  if (inner === undefined) return { problem: found };
  if (found.status >= 500) {
    return { problem: found, fault: redact(inner instanceof Error ? (inner.stack ?? inner.message) : String(inner)) };
  }
  const { name, code } = inner as { name?: unknown; code?: unknown };
  return { problem: found, cause: [name, code].filter((part) => typeof part === 'string').join(' ') || typeof inner };
}
