import type { Progress } from '@kalla/core';
import { expect, test } from 'vitest';
import { StagingProgress } from './staging-progress.ts';

function progressOf(steps: (progress: StagingProgress) => void) {
  const told: Progress[] = [];
  const progress = new StagingProgress('book', (one) => told.push(one));
  progress.start();
  steps(progress);
  progress.stop();
  progress.finish(7);
  return told.map((one) => one.progress);
}
const seen = (steps: (progress: StagingProgress) => number | null | undefined | void) => {
  let last: Progress | undefined;
  const progress = new StagingProgress('book', (one) => (last = one));
  steps(progress);
  progress.start();
  progress.stop();
  return last?.progress;
};

test('it begins at nothing and ends at all', () => {
  expect(progressOf(() => undefined)).toEqual([0, 1]);
});

test('a plan that reads the source is most of the way, and what follows goes on from there', () => {
  expect(seen((progress) => progress.planning(0.5))).toBe(0.4);
  expect(
    seen((progress) => {
      progress.planning(1);
      progress.fraction(0.5);
    }),
  ).toBe(0.9);
});

test('it never goes back, as where a sheet is read anew because a row is wider than all before', () => {
  expect(
    seen((progress) => {
      progress.planning(0.9);
      progress.planning(0.1);
    }),
  ).toBeCloseTo(0.72);
});

test('rows are counted against the estimate, and stay below all until the end', () => {
  const after = (estimate: number | null) =>
    seen((progress) => {
      progress.planned(estimate);
      progress.addRows(50);
    });
  expect(after(100)).toBe(0.5);
  expect(after(10)).toBe(0.99);
  expect(after(null)).toBe(null);
});
