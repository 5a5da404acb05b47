import { describe, expect, it } from 'vitest';
import { configSchema } from './config.ts';
import { addressOf, isCloudId } from './server-address.ts';
import { fromUri, toUri } from './uri.ts';

const CLOUD = `books:${Buffer.from('eu-west-1.aws.found.io:443$abc123$def456').toString('base64')}`;

describe('connection strings', () => {
  it('hold everything, and come back without what is secret', () => {
    const { config, table } = fromUri(
      'elasticsearch://ada:s%40crt@es.example.com:9200/invoices-2026?decimal_field=price:2&text_field=a&text_field=b&nanoseconds=microseconds&timeout=5&path=/search/',
    );
    expect(table).toBe('invoices-2026');
    expect(config).toMatchObject({
      server: 'https://es.example.com:9200/search',
      auth: { kind: 'basic', user: 'ada', password: 's@crt' },
      decimal_fields: ['price:2'],
      text_fields: ['a', 'b'],
      timeout: 5,
    });
    const shown = toUri(config, table);
    expect(shown).not.toContain('s%40crt');
    expect(toUri(fromUri(shown).config, table)).toBe(shown);
    expect(fromUri('elasticsearch+http://127.0.0.1:9200/a,b*').config.server).toBe('http://127.0.0.1:9200');
    expect(fromUri('elasticsearch://h/i?api_key=secret').config.auth).toEqual({ kind: 'api_key', api_key: 'secret' });
    expect(toUri(fromUri('elasticsearch://h/i?api_key=secret').config, 'i')).toBe('elasticsearch://h/i');
  });

  it('refuse in words, without the string', () => {
    for (const uri of [
      'elasticsearch://ada:secret@',
      'http://ada:secret@h',
      'elasticsearch://ada:secret@h?x=1',
      'elasticsearch://ada:secret@h/%',
      'elasticsearch://ada:secret@h/i#1',
      'secret',
    ])
      try {
        fromUri(uri);
        expect.unreachable(uri);
      } catch (error) {
        expect(error).toMatchObject({ kind: 'config' });
        expect(String(error)).not.toContain('secret');
      }
  });

  it('take a Cloud ID for an address', () => {
    expect(isCloudId(CLOUD)).toBe(true);
    expect(addressOf(CLOUD)).toBe('https://abc123.eu-west-1.aws.found.io');
    expect(isCloudId('localhost:9200')).toBe(false);
    const { config } = fromUri(`elasticsearch:///invoices?cloud_id=${encodeURIComponent(CLOUD)}&api_key=k`);
    expect(config.server).toBe(CLOUD);
    expect(fromUri(toUri(config, 'invoices'))).toMatchObject({ config: { server: CLOUD }, table: 'invoices' });
  });
});

describe('settings', () => {
  it('refuse an API key that was cut into lines, at its field and without the key', () => {
    const parse = (key: string) =>
      configSchema.safeParse({ server: 'http://h:9200', auth: { kind: 'api_key', api_key: key } });
    expect(parse(' VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWk= \n').success).toBe(true);
    for (const key of ['VnVhQ2ZHY0JDZGJrUW0t\nZTVhT3g6dWk=', 'Vn Vh', 'Vn\u200bVh']) {
      const [issue] = parse(key).error?.issues ?? [];
      expect(issue).toMatchObject({ path: ['auth', 'api_key'], message: expect.stringContaining('Copy it again') });
    }
  });

  it('name what is wrong with an address', () => {
    const issue = (server: string) =>
      configSchema.safeParse({ server, auth: { kind: 'none' } }).error?.issues[0]?.message;
    expect(issue('https://es:9200')).toBeUndefined();
    expect(issue('https://ada:pw@es:9200')).toContain('fields of their own');
    expect(issue('es.example.com')).toContain('https://');
    expect(issue('ftp://es')).toContain('https://');
  });
});
