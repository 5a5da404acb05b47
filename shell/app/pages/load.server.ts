import type { Problem } from '@kalla/core';
import { data } from 'react-router';
import { services } from '../server/services.server.ts';

/**
 * Reads a path of Kalla's own API for a page. Whatever a page shows can thus be had over the API as well. An answer that is
 * an error becomes the error page with the problem's sentence. The call goes to the address the server itself listens on, and
 * not to the one in the request: that is whatever the client wrote into its `Host` header.
 */
export async function readApi<T>(request: Request, path: string): Promise<T> {
  const response = await fetch(new URL(path, services().callbackUrl), {
    headers: { Accept: 'application/json' },
    signal: request.signal,
  });
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json()) as Problem;
  throw data(problem.detail, { status: response.status });
}
