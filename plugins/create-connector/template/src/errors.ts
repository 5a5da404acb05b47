import { ConnectorError } from '@kalla/core';
import { SourceFault } from './source.ts';

/**
 * Turns what the source throws into the one error that a connector may throw: a kind, a sentence for the user without any secret,
 * and what to do next. What is not recognised is passed on as it is: Kalla then says that the connector has a fault.
 */
export function explain(error: unknown): unknown {
  if (ConnectorError.is(error)) return error;
  if (error instanceof Error && error.name === 'AbortError')
    return new ConnectorError('cancelled', 'The work was cancelled.', { cause: error });
  if (!(error instanceof SourceFault)) return error;
  switch (error.code) {
    case 'NO_ANSWER':
      return new ConnectorError('unreachable', 'My source does not answer at this host.', {
        field: 'host',
        hint: 'Look whether the host is spelled as in your browser.',
        cause: error,
      });
    case 'TOKEN_REFUSED':
      return new ConnectorError('auth', 'My source refuses the token.', {
        field: 'token',
        hint: 'Make a new token in My source and paste it here.',
        cause: error,
      });
    case 'NO_SUCH_TABLE':
      return new ConnectorError('not-found', 'My source has no such table.', {
        hint: 'Choose one of the list.',
        cause: error,
      });
  }
}

/** Runs a call to the source, with its errors explained. */
export async function explained<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw explain(error);
  }
}
