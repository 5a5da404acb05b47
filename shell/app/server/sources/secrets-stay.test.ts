import { ProblemError } from '@kalla/core';
import { describe, expect, it } from 'vitest';
import { assertSecretsStay } from './secrets-stay.server.ts';

const before = { host: 'db', port: 5432, user: 'ada', auth: { kind: 'basic' } };
const kept = { password: 's3cr3t' };
const check =
  (after: object, given: Record<string, unknown>, secrets: Record<string, unknown> = kept) =>
  () =>
    assertSecretsStay({ before, after: { ...before, ...after }, secrets, kept, given });

describe('a stored secret', () => {
  it.each<[string, Record<string, unknown>]>([
    ['another host', { host: 'evil' }],
    ['another port', { port: 6432 }],
    ['an address that was not there', { proxy: 'http://evil' }],
    ['a setting of a third-party connector', { apiEndpoint: 'https://evil' }],
    ['one deep inside', { auth: { kind: 'basic', token_url: 'https://evil' } }],
  ])('is asked for again for %s', (_name, after) => {
    expect(check(after, after)).toThrow(ProblemError);
    expect(check(after, after)).toThrow(/Enter "password" again/);
  });

  it('stays where the server does', () => {
    expect(check({ user: 'bob', report: 'x' }, { user: 'bob' })).not.toThrow();
  });

  it('is not asked for where a new one is given or the old one is taken away', () => {
    expect(check({ host: 'new' }, { host: 'new', password: 'n3w' }, { password: 'n3w' })).not.toThrow();
    expect(check({ host: 'new' }, { host: 'new', password: 's3cr3t' })).not.toThrow();
    expect(check({ host: 'new' }, { host: 'new', password: null }, {})).not.toThrow();
  });

  it('is named by its field, and never shown', () => {
    try {
      check({ host: 'evil' }, { host: 'evil' })();
      expect.unreachable();
    } catch (error) {
      const { problem } = error as ProblemError;
      expect(problem).toMatchObject({ status: 422, errors: [{ field: 'config.password' }] });
      expect(JSON.stringify(problem)).not.toContain('s3cr3t');
    }
  });
});
