import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from './redact.ts';

describe('redact', () => {
  it('takes out what is secret and leaves the rest', () => {
    expect(redact('connect postgres://ada:s3cret@db:5432/x?sslmode=require failed')).toBe(
      'connect postgres://ada:***@db:5432/x?sslmode=require failed',
    );
    expect(redact('GET https://b.example/a.csv?X-Amz-Signature=abc 403')).toBe('GET https://b.example/a.csv?*** 403');
    expect(redact('authorization: Bearer abc.def')).toBe('authorization: Bearer ***');
    expect(redact('{"password":"x y","user":"ada"}')).toBe('{"password":***,"user":"ada"}');
    expect(redact('host=db password=pw user=ada')).toBe('host=db password=*** user=ada');
  });

  it('takes any password out of a URI', () => {
    const text = fc.stringMatching(/^[A-Za-z0-9!$&*+,;=._~%-]{4,20}$/);
    fc.assert(
      fc.property(text, (password) => {
        expect(redact(`x postgres://u:Q${password}Q@h/db y`)).toBe('x postgres://u:***@h/db y');
      }),
    );
  });
});
