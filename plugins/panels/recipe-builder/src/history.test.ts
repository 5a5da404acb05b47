import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { begin, change, redo, replace, undo } from './history.ts';

describe('undo and redo', () => {
  it('go back and forth through any changes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 50 }), (values) => {
        let history = begin<object>({});
        const seen = [history.present];
        for (const value of values) {
          history = change(history, { value }, null, 0);
          seen.push(history.present);
        }
        for (const expected of [...seen].reverse()) {
          expect(history.present).toBe(expected);
          history = undo(history);
        }
        for (const expected of seen.slice(1)) {
          history = redo(history);
          expect(history.present).toBe(expected);
        }
        expect(redo(history)).toBe(history);
      }),
    );
  });

  it('take a drag back as a whole, and not what was changed long after it or in another place', () => {
    let history = begin(0);
    history = change(history, 1, 'slider', 0);
    history = change(history, 2, 'slider', 500);
    history = change(history, 3, 'slider', 1000);
    expect(undo(history).present).toBe(0);
    expect(undo(change(history, 4, 'slider', 9000)).present).toBe(3);
    expect(undo(change(history, 4, 'other', 1001)).present).toBe(3);
  });

  it('forget what was taken back once something else is changed', () => {
    const history = change(undo(change(begin(0), 1, 'a', 0)), 2, 'a', 1);
    expect(redo(history)).toBe(history);
    expect(undo(history).present).toBe(0);
  });

  it('do not take back what the data say', () => {
    const history = replace(change(begin(0), 1, null, 0), 2);
    expect(undo(history).present).toBe(0);
    expect(replace(history, 2)).toBe(history);
  });
});
