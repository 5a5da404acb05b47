import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { maskUrls } from './log.server.ts';
import { leafNames, mergeDeep } from './merge.server.ts';
import { secretBox } from './secrets.server.ts';

describe('secretBox', () => {
  const box = secretBox(randomBytes(32));

  it('opens what it sealed, for the same owner and with the same key only', () => {
    const sealed = box.seal('invoices', { password: 'hunter2' });
    expect(sealed).not.toContain('hunter2');
    expect(box.open('invoices', sealed)).toEqual({ password: 'hunter2' });
    expect(box.seal('invoices', { password: 'hunter2' })).not.toBe(sealed);
    expect(() => box.open('other', sealed)).toThrow();
    expect(() => secretBox(randomBytes(32)).open('invoices', sealed)).toThrow();
    const cut = sealed.split('.');
    cut[3] = Buffer.from('{"password":"x"}').toString('base64url');
    expect(() => box.open('invoices', cut.join('.'))).toThrow();
  });
});

describe('merging settings', () => {
  it('keeps what is absent, changes what is given, and takes away what is null', () => {
    const before = { host: 'h', password: 'p', ssl: { key: 'k', mode: 'require' } };
    expect(mergeDeep(before, { host: 'i', ssl: { mode: 'disable' } })).toEqual({
      host: 'i',
      password: 'p',
      ssl: { key: 'k', mode: 'disable' },
    });
    expect(mergeDeep(before, { password: null, ssl: { key: null } })).toEqual({ host: 'h', ssl: { mode: 'require' } });
    expect(mergeDeep({}, JSON.parse('{"__proto__":{"x":1}}') as Record<string, unknown>)).toEqual({});
    expect(leafNames(before)).toEqual(['host', 'password', 'ssl.key', 'ssl.mode']);
  });
});

describe('maskUrls', () => {
  it('hides passwords in addresses', () => {
    expect(maskUrls('cannot reach postgres://u:s3cret@h:5432/db now')).toBe(
      'cannot reach postgres://u:***@h:5432/db now',
    );
  });
});
