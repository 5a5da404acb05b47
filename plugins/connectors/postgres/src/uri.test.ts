import { ConnectorError } from '@kalla/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configSchema } from './config.ts';
import { formatTableName, parseTableName } from './table-name.ts';
import { fromUri, toUri } from './uri.ts';

describe('connection strings', () => {
  it('reads the form of the seed and fills in what libpq would', () => {
    expect(fromUri('postgres://host/db?table=invoices')).toEqual({
      config: { host: 'host', port: 5432, database: 'db', sslmode: 'prefer', connect_timeout: 10 },
      table: 'invoices',
    });
  });

  it('reads every part, percent signs, IPv6 and what providers add', () => {
    const uri =
      'postgresql://a%40b:p%3A%2F%23@[::1]:6543/my%20db?sslmode=verify-full&table=s.t&pgbouncer=true&channel_binding=require';
    expect(fromUri(uri)).toMatchObject({
      config: { host: '::1', port: 6543, database: 'my db', user: 'a@b', password: 'p:/#', sslmode: 'verify-full' },
      table: 's.t',
    });
    expect(fromUri('postgres://h/d?ssl=true').config.sslmode).toBe('require');
  });

  it('refuses what it cannot read in a sentence without the password', () => {
    const secret = 'hunter2-secret';
    for (const uri of [
      `postgres://u:${secret}@`,
      `postgres://u:${secret}@h`,
      `postgres://u:${secret}@h:99999/d`,
      `postgres://u:${secret}@h/d?sslmode=yes`,
      `postgres://u:${secret}@h/d?what=1`,
      `postgres://u:${secret}@h/d#x`,
      `postgres://u:${secret}%@h/d`,
      `postgres://u:${secret}@h1,h2/d`,
      `mysql://u:${secret}@h/d`,
      `postgres://u:${secret}@h/d?sslrootcert=/etc/passwd`,
      `${secret}`,
    ]) {
      let error: unknown;
      try {
        fromUri(uri);
      } catch (thrown) {
        error = thrown;
      }
      expect(ConnectorError.is(error) && error.kind, uri).toBe('config');
      expect(`${(error as ConnectorError).message} ${(error as ConnectorError).hint}`).not.toContain(secret);
    }
  });

  it('keeps a database whose name a URL path cannot hold', () => {
    for (const database of ['.', '..']) {
      const config = configSchema.parse({ host: 'db', database });
      expect(fromUri(toUri(config, 't')).config.database).toBe(database);
    }
  });

  it('survives the way to a string and back, without its secrets', () => {
    const text = fc
      .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
      .filter((s) => s.trim() === s && !s.includes('\0'));
    const config = fc.record(
      {
        host: fc.constantFrom('db.example.com', '10.0.0.1', '::1'),
        port: fc.integer({ min: 1, max: 65535 }),
        database: text,
        user: text,
        password: text,
        sslmode: fc.constantFrom('disable', 'prefer', 'require', 'verify-ca', 'verify-full'),
        schema: text,
        text_columns: fc.array(text, { minLength: 1, maxLength: 3 }),
      },
      { requiredKeys: ['host', 'database', 'password'] },
    );
    fc.assert(
      fc.property(config, fc.option(text, { nil: undefined }), (given, table) => {
        const parsed = configSchema.parse(given);
        const back = fromUri(toUri(parsed, table));
        const { password: _password, ...rest } = parsed;
        expect(back.config).toEqual(rest);
        expect(back.table).toBe(table);
        expect(toUri({ ...parsed, password: 'XsecretX' }, table)).not.toContain('XsecretX');
      }),
    );
  });

  it('publishes a schema with titles, one secret and nothing a form cannot draw', () => {
    const schema = z.toJSONSchema(configSchema, { io: 'input' }) as {
      properties: Record<string, Record<string, unknown>>;
      required: string[];
    };
    expect(Object.entries(schema.properties).filter(([, field]) => !field.title || !field.description)).toEqual([]);
    expect(
      Object.entries(schema.properties)
        .filter(([, field]) => field.writeOnly)
        .map(([name]) => name),
    ).toEqual(['password']);
    expect(schema.required).toEqual(['host', 'database']);
    expect(JSON.stringify(schema)).not.toMatch(/"(anyOf|allOf|\$ref)"/);
  });
});

describe('table names', () => {
  it('reads back what it writes, whatever the names are', () => {
    const name = fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }).filter((s) => !s.includes('\0'));
    fc.assert(
      fc.property(name, name, (schema, table) => {
        expect(parseTableName(formatTableName(schema, table))).toEqual({ schema, name: table });
      }),
    );
    expect(parseTableName('invoices')).toEqual({ schema: null, name: 'invoices' });
    expect(parseTableName('db.public.invoices')).toEqual({ schema: 'public', name: 'invoices' });
    for (const wrong of ['', '.', 'a.', '.a', 'a..b', '"a', 'a.b.c.d']) expect(parseTableName(wrong), wrong).toBeNull();
  });
});
