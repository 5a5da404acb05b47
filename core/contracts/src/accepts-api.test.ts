import { describe, expect, it } from 'vitest';
import { acceptsApi } from './accepts-api.ts';

describe('acceptsApi', () => {
  it('knows the ranges that take in 1.0.0', () => {
    for (const range of ['1', '1.x', '^1.0.0', '~1.0', '1.0.0', '^1', '1.*'])
      expect(acceptsApi(range), range).toBe(true);
    for (const range of ['^2.0.0', '^1.1.0', '1.0.1', '*', '', '>=1', '0.1.0', 'latest'])
      expect(acceptsApi(range), range).toBe(false);
  });
});
