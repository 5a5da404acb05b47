import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { ConnectorError, connectorErrorKinds, throwIfAborted } from './connector-error.ts';
import { problemKinds, problemOf, problemSchema, ProblemError } from './problem.ts';

describe('ConnectorError', () => {
  test('is known across copies of the package: an installed connector may carry its own', async () => {
    vi.resetModules();
    const other = await import('./connector-error.ts');
    expect(other.ConnectorError).not.toBe(ConnectorError);
    const error = new other.ConnectorError('auth', 'The server refused the password of user "ada".', {
      field: 'password',
    });
    expect(error).not.toBeInstanceOf(ConnectorError);
    expect(ConnectorError.is(error)).toBe(true);
    expect(problemOf(error)).toMatchObject({ status: 422, detail: error.message, errors: [{ field: 'password' }] });
  });

  test.each([null, undefined, 'text', 7, {}, new Error('x'), { kind: 'auth', message: 'x' }])('%s is none', (value) => {
    expect(ConnectorError.is(value)).toBe(false);
  });

  test('keeps its cause', () => {
    const cause = new Error('ECONNREFUSED');
    expect(new ConnectorError('unreachable', 'Nobody answers.', { cause }).cause).toBe(cause);
    expect('cause' in new ConnectorError('bug', 'x')).toBe(false);
  });

  test('throwIfAborted', () => {
    const controller = new AbortController();
    throwIfAborted(controller.signal);
    controller.abort();
    expect(() => throwIfAborted(controller.signal)).toThrow(expect.objectContaining({ kind: 'cancelled' }));
  });
});

describe('problemOf', () => {
  test('every kind of connector error becomes a valid problem; only a bug is our own fault', () => {
    for (const kind of connectorErrorKinds) {
      const body = problemOf(new ConnectorError(kind, 'A sentence.', { hint: 'Do this.' }));
      expect(problemSchema.parse(body).detail).toBe('A sentence. Do this.');
      expect(body.status >= 500).toBe(kind === 'bug');
    }
  });

  test('never shows what an unknown error or a cause says', () => {
    // A word that the neutral sentence does not hold, so that finding it means that it leaked.
    const secret = fc.uuid();
    fc.assert(
      fc.property(secret, fc.constantFrom(...connectorErrorKinds), (word, kind) => {
        const cause = Object.assign(new Error(word), { password: word });
        const thrown = [
          cause,
          word,
          { message: word, detail: word, problem: { detail: word } },
          new TypeError(word, { cause }),
          new AggregateError([cause], word),
          new ConnectorError(kind, 'A sentence.', { cause }),
          new ProblemError('internal', 'A sentence.', undefined, cause),
        ];
        for (const error of thrown) expect(JSON.stringify(problemOf(error))).not.toContain(word);
      }),
    );
  });

  test('names the cells at fault', () => {
    const fault = { file: 'bank.csv', line: 900_001, column: 'amount', value: '12,x', message: 'not a number' };
    const body = problemOf(new ConnectorError('type', 'bank.csv, line 900001 …', { faults: [fault] }));
    expect(body).toMatchObject({ type: 'https://kalla.dev/problems/cell-type', status: 422, errors: [fault] });
  });

  test('speaks of a cell only where one is named: a file of the wrong kind has none', () => {
    const wrong = problemOf(new ConnectorError('type', 'bank.csv is not a text file: it is a PDF document.'));
    expect(wrong).toMatchObject({ type: 'https://kalla.dev/problems/file-format', title: 'The data cannot be read' });
    const ragged = { file: 'bank.csv', line: 3, message: 'the row has 1 cell where 2 are expected' };
    expect(problemOf(new ConnectorError('type', 'bank.csv, line 3 …', { faults: [ragged] }))).toMatchObject({
      type: 'https://kalla.dev/problems/file-format',
      errors: [ragged],
    });
  });

  test('every kind has a status that fits: 5xx only where the user can do nothing', () => {
    const server = Object.entries(problemKinds).filter(([, [, status]]) => status >= 500);
    expect(server.map(([kind]) => kind).sort()).toEqual([
      'busy',
      'database-unreachable',
      'disk-full',
      'internal',
      'worker-lost',
      'worker-unreachable',
    ]);
  });
});
