import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Slots } from './slots.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const never = new AbortController().signal;

describe('Slots', () => {
  it('gives slots in order, skips those who left, and takes each back once', async () => {
    const slots = new Slots(1);
    const order: number[] = [];
    const first = await slots.take(never);
    const leave = new AbortController();
    const second = slots.take(leave.signal);
    const third = slots.take(never).then((release) => (order.push(3), release));
    leave.abort(new Error('left'));
    await expect(second).rejects.toThrow('left');
    expect(slots.waiting).toBe(1);
    first();
    first();
    (await third)();
    expect(order).toEqual([3]);
    expect(slots.taken).toBe(0);
    await expect(slots.take(leave.signal)).rejects.toThrow('left');
  });

  it('never has more holders than its limit, and ends empty', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 25 }),
        async (limit, turns) => {
          const slots = new Slots(limit);
          let held = 0;
          let most = 0;
          await Promise.all(
            turns.map(async (ticks) => {
              const release = await slots.take(never);
              most = Math.max(most, ++held);
              for (let n = 0; n <= ticks; n++) await nextTurn();
              held -= 1;
              release();
            }),
          );
          expect(most).toBe(Math.min(limit, turns.length));
          expect([slots.taken, slots.waiting]).toEqual([0, 0]);
        },
      ),
    );
  });
});
