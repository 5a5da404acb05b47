import { problem } from '@kalla/core';
import { isLoopback } from '../env.server.ts';
import { problemResponse } from './problems.server.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses requests that another site makes through this machine's browser: a name that was pointed at this address (DNS
 * rebinding) is no name of ours, and a changing request from a page of elsewhere carries that page's origin. Requests without
 * an origin, from curl or a worker, pass.
 *
 * @returns a 403, or null where the request may go on
 */
export function refuseForeign(
  request: Pick<Request, 'method' | 'headers'>,
  allowedHosts: readonly string[],
): Response | null {
  const host = request.headers.get('host') ?? '';
  const name = nameOf(host);
  if (!isLoopback(name) && !allowedHosts.includes(name)) {
    return refuse(
      `This Kalla is not known as "${host}". Open it as localhost, or add the name to KALLA_ALLOWED_HOSTS.`,
    );
  }
  if (SAFE.has(request.method)) return null;
  const origin = request.headers.get('origin');
  if (origin !== null && hostOfOrigin(origin) !== host.toLowerCase()) {
    return refuse('The request comes from another site, and only pages of this Kalla may change anything.');
  }
  if (request.headers.get('sec-fetch-site') === 'cross-site') {
    return refuse('The request comes from another site, and only pages of this Kalla may change anything.');
  }
  return null;
}

function refuse(sentence: string): Response {
  return problemResponse(problem('forbidden', sentence));
}

function nameOf(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '');
}

function hostOfOrigin(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
