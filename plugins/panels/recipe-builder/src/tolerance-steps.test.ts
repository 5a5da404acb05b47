import { describe, expect, it } from 'vitest';
import { absoluteSteps, compareDecimals, percentSteps, stepOf } from './tolerance-steps.ts';

describe('the stops of a tolerance', () => {
  it('go up', () => {
    for (const steps of [absoluteSteps, percentSteps])
      for (const [index, step] of steps.entries())
        if (index > 0) expect(compareDecimals(steps[index - 1]!, step)).toBe(-1);
  });
  it('are found for any value', () => {
    for (const [index, step] of absoluteSteps.entries()) expect(stepOf(absoluteSteps, step)).toBe(index);
    expect(absoluteSteps[stepOf(absoluteSteps, '0.07')]).toBe('0.05');
    expect(absoluteSteps[stepOf(absoluteSteps, '99999999999999999')]).toBe('1000');
    expect(compareDecimals('0.10', '0.1')).toBe(0);
  });
});
