import { ConnectorError } from '@kalla/core';
import type { Answer } from './client.ts';

/** What {@link hello} of a server says about itself. */
interface Introduction {
  version?: { number?: string; distribution?: string };
  tagline?: string;
}

/** The oldest version that is read. */
const OLDEST_MAJOR = 8;

/** Elasticsearch says its name in every answer, also in one that refuses. Null where it does; else what answered, in words. */
export function notElasticsearch(answer: Answer, address: string): ConnectorError | null {
  const { headers } = answer;
  if (headers['x-elastic-product'] === 'Elasticsearch') return null;
  const about = introductionOf(answer);
  const version = about?.version?.number ? ` ${about.version.number.slice(0, 40)}` : '';
  const other = (sentence: string, hint: string) => new ConnectorError('config', sentence, { field: 'server', hint });
  if (about?.version?.distribution) {
    const name = about.version.distribution === 'opensearch' ? 'OpenSearch' : about.version.distribution.slice(0, 40);
    return other(
      `${address} is ${name}${version}, not Elasticsearch.`,
      'This connector reads Elasticsearch 8 and 9. Enter the address of such a server.',
    );
  }
  if (headers['kbn-name'] !== undefined || headers['kbn-license-sig'] !== undefined)
    return other(
      `${address} is Kibana, not Elasticsearch.`,
      'Enter the address of Elasticsearch: in Kibana, the "?" at the top, Connection details.',
    );
  if (about?.tagline === 'You Know, for Search')
    return other(`${address} is Elasticsearch${version}, which is too old.`, 'Kalla reads Elasticsearch 8 and 9.');
  // Something before the server asks for a sign-in of its own, or cannot reach it.
  if ([401, 403, 407].includes(answer.status))
    return new ConnectorError('auth', `${address} refuses the sign-in, and does not say that it is Elasticsearch.`, {
      field: 'auth',
      hint: 'A proxy before Elasticsearch may ask for a user of its own; check the address with whoever runs it.',
    });
  if ([502, 503, 504].includes(answer.status))
    return new ConnectorError('transient', `A proxy answers at ${address}, but Elasticsearch behind it does not.`, {
      retryAfterMs: 5000,
      hint: 'Try again in a while; if it stays, ask the operator of the server.',
    });
  const what = String(headers['content-type'] ?? '').includes('html') ? 'a web page' : 'something else';
  return other(
    `${address} answers, but as ${what} and not as Elasticsearch.`,
    'Check server name and port; Elasticsearch usually listens on 9200. The address of Kibana does not do.',
  );
}

/** The version of a server, or null where the sign-in may not ask for it. Throws `config` where it is too old. */
export function versionOf(answer: Answer, address: string): string | null {
  const version = introductionOf(answer)?.version?.number;
  if (!version) return null;
  if (Number(version.split('.')[0]) < OLDEST_MAJOR)
    throw new ConnectorError('config', `${address} is Elasticsearch ${version}, which is too old.`, {
      field: 'server',
      hint: 'Kalla reads Elasticsearch 8 and 9.',
    });
  return version;
}

function introductionOf({ body }: Answer): Introduction | null {
  if (body.length > 100_000) return null;
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Introduction) : null;
  } catch (error) {
    // A web page, or nothing: then it has not introduced itself.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
