import { expect, test } from 'vitest';
import { hungUp } from './hung-up.server.ts';

const gone = AbortSignal.abort();
const withCode = (code: string) => Object.assign(new Error('x'), { code });

test('what follows from a client that is gone is told from faults that only come at the same time', () => {
  expect(hungUp(gone.reason, gone)).toBe(true);
  expect(hungUp(withCode('ERR_STREAM_PREMATURE_CLOSE'), gone)).toBe(true);
  expect(hungUp(new Error('outer', { cause: withCode('ECONNRESET') }), gone)).toBe(true);
  expect(hungUp(new TypeError('undefined is not a function'), gone)).toBe(false);
  expect(hungUp(withCode('ECONNRESET'), new AbortController().signal)).toBe(false);
  expect(hungUp(withCode('ECONNRESET'), undefined)).toBe(false);
});
