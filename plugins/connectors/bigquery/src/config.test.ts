import { describe, expect, it } from 'vitest';
import { configSchema } from './config.ts';
import { messages } from './messages.ts';

describe('the other address', () => {
  const faults = (endpoint: string, kind: string) =>
    configSchema
      .safeParse({ project: 'acme-finance', credentials: { kind }, endpoint })
      .error?.issues.map(({ path, message }) => [path.join('.'), message]);

  it.each(['none', 'service-account', 'application-default'])(
    'has one sentence at the field where it is no address, with the credentials "%s"',
    (kind) => {
      for (const endpoint of [
        'bigquery.googleapis.com',
        '127.0.0.1:43295',
        'localhost:9050',
        'https://',
        'http://',
        'https://a b',
        'https://host:99999',
        'file:///etc/passwd',
        '//bigquery.googleapis.com',
        ' ',
        '',
      ])
        expect(faults(endpoint, kind), endpoint).toEqual([['endpoint', messages.notAnEndpoint]]);
    },
  );

  it('is taken where it is one', () => {
    expect(faults('http://127.0.0.1:43295', 'none')).toBeUndefined();
    expect(faults('https://bigquery.googleapis.com', 'application-default')).toBeUndefined();
  });
});
