import { isFinished, problem, type Progress } from '@kalla/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manifest } from '../../../testing/rows.ts';
import { applyCallback, type Callback, type RunState } from './run-state.server.ts';

const fresh: RunState = { status: 'queued', attempt: 1, parts: {} };
const RANK = { queued: 0, staging: 1, matching: 2, completed: 3, failed: 3, cancelled: 3 };

const progress = (seq: number, body: Progress, attempt = 1): Callback => ({
  kind: 'progress',
  body: { run_id: 'r', attempt, seq, ...body } as never,
});
const anyCallback: fc.Arbitrary<Callback> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({
        seq: fc.nat(20),
        attempt: fc.integer({ min: 1, max: 2 }),
        stage: fc.constantFrom('left', 'right', 'matching'),
      })
      .map(({ seq, attempt, stage }) =>
        progress(
          seq,
          stage === 'matching' ? { stage, matched: seq } : { stage: 'staging', source: stage, progress: seq / 20 },
          attempt,
        ),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 2 }).map((attempt): Callback => ({
      kind: 'complete',
      body: { run_id: 'r', attempt, seq: 21, output_path: '', manifest: manifest('r', attempt) },
    })),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 2 }).map((attempt): Callback => ({
      kind: 'error',
      body: { run_id: 'r', attempt, seq: 21, status: 'failed', error: problem('timeout', 'x') },
    })),
  },
);

function run(callbacks: Callback[], state = fresh): RunState[] {
  const states = [state];
  for (const callback of callbacks) {
    const before = states.at(-1)!;
    const applied = applyCallback(before, callback);
    states.push('ignored' in applied ? before : { ...before, ...applied.change });
  }
  return states;
}

describe('applyCallback', () => {
  it('never goes back and never leaves a final state, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(fc.array(anyCallback, { maxLength: 30 }), (callbacks) => {
        const states = run(callbacks);
        states.slice(1).forEach((after, at) => {
          const before = states[at]!;
          if (isFinished(before.status)) expect(after).toBe(before);
          expect(after.attempt).toBeGreaterThanOrEqual(before.attempt);
          if (after.attempt === before.attempt) expect(RANK[after.status]).toBeGreaterThanOrEqual(RANK[before.status]);
        });
      }),
    );
  });

  it('shows the same progress for every order of the same callbacks of one attempt', () => {
    const sent = [
      progress(1, { stage: 'staging', source: 'left', progress: 0.1 }),
      progress(2, { stage: 'staging', source: 'right', progress: 0.2 }),
      progress(3, { stage: 'staging', source: 'left', progress: 1 }),
      progress(4, { stage: 'matching', matched: 1, total_left: 3 }),
      progress(5, { stage: 'matching', matched: 3, total_left: 3 }),
    ];
    const expected = run(sent).at(-1);
    expect(expected?.status).toBe('matching');
    fc.assert(
      fc.property(fc.shuffledSubarray([...sent, ...sent], { minLength: 10, maxLength: 10 }), (callbacks) => {
        expect(run(callbacks).at(-1)).toEqual(expected);
      }),
    );
  });

  it('forgets the progress of an attempt that another has taken over from', () => {
    const states = run([
      progress(9, { stage: 'matching', matched: 5 }),
      progress(1, { stage: 'staging', source: 'left', progress: 0 }, 2),
      progress(10, { stage: 'matching', matched: 6 }),
    ]);
    expect(states.at(-1)).toEqual({
      status: 'staging',
      attempt: 2,
      parts: { 'staging:left': { seq: 1, body: { stage: 'staging', source: 'left', progress: 0 } } },
    });
  });

  it('does not complete a run whose counts do not add up', () => {
    const bad = manifest('r');
    bad.counts.unmatched_left = 0;
    const applied = applyCallback(fresh, {
      kind: 'complete',
      body: { run_id: 'r', attempt: 1, seq: 1, output_path: '', manifest: bad },
    });
    expect(applied).toMatchObject({ change: { status: 'failed', error: { status: 500 } } });
  });
});
