import { ConnectorError, ProblemError } from '@kalla/core';
import { expect, test } from 'vitest';
import { failureOf } from './failure.ts';

const { signal } = new AbortController();
const engine = new Error('Conversion Error: Could not convert string "Ada Lovelace, 4711" to INT64');

test.each<[string, unknown]>([
  ['a cell that does not fit', new ConnectorError('type', 'bank.csv, line 3 …', { cause: engine })],
  ['a rule that stops at a cell', new ProblemError('match-sql', 'The rule stopped at a cell.', undefined, engine)],
])('%s: the log learns of no cell', (_name, error) => {
  const { problem, fault, cause } = failureOf(error, signal);
  expect(problem.status).toBe(422);
  expect(fault).toBeUndefined();
  expect(cause).toBe('Error');
  expect(JSON.stringify({ fault, cause })).not.toContain('Lovelace');
});

test('a fault of ours or of the machine is told whole, without passwords', () => {
  const lost = Object.assign(new Error('connect postgres://ada:s3cret@db/x'), { code: 'EIO' });
  expect(failureOf(lost, signal).fault).toContain('postgres://ada:***@db/x');
  expect(failureOf(new ProblemError('disk-full', 'The disk is full.', undefined, lost), signal).fault).toContain(
    'connect',
  );
});
