import type { Condition } from '@kalla/core';
import { Button } from '@kalla/ui';
import { useId } from 'react';
import { AmountControls } from './amount-controls.tsx';
import { ColumnChooser } from './column-chooser.tsx';
import { DateControls } from './date-controls.tsx';
import { EqualControls } from './equal-controls.tsx';
import { messages } from './messages.ts';
import {
  kindsFor,
  newCondition,
  removeCondition,
  replaceCondition,
  withColumns,
  type ConditionKind,
} from './rule-edits.ts';
import { useTheBuilder } from './use-builder.ts';

const text = messages.rule;

/** One condition: its two columns, the way they are compared, and what may differ. */
export function ConditionCard({ condition, index }: { condition: Condition; index: number }) {
  const id = useId();
  const { draft, columns, change } = useTheBuilder();
  const number = index + 1;
  const columnOf = (side: 'left' | 'right', name: string) => columns[side]?.find((column) => column.name === name);
  const [left, right] = [columnOf('left', condition.left), columnOf('right', condition.right)];
  const kinds = left && right ? kindsFor(left.type, right.type) : [condition.kind];

  /** `about` puts fast changes of the same control into one step of undo. */
  function set(next: Condition, about: string | null = null) {
    change(
      (before) => ({ ...before, rule: replaceCondition(before.rule, index, next) }),
      about && `condition ${index} ${about}`,
    );
  }
  function setColumn(side: 'left' | 'right', name: string) {
    const chosen = columnOf(side, name);
    const [one, other] = side === 'left' ? [chosen, right] : [left, chosen];
    // Where the other column is missing, this one is put in its place and the rest stays to be mended.
    set(one && other ? withColumns(condition, one, other) : { ...condition, [side]: name });
  }

  return (
    <li className="k-card rb-condition">
      <fieldset>
        <legend className="k-visually-hidden">{text.condition(number)}</legend>
        <div className="rb-condition-columns">
          <span className="rb-number" aria-hidden="true">
            {number}
          </span>
          <ColumnChooser side="left" value={condition.left} onChange={(name) => setColumn('left', name)} />
          <span className="rb-and">{text.and}</span>
          <ColumnChooser side="right" value={condition.right} onChange={(name) => setColumn('right', name)} />
          <Button
            tone="quiet"
            small
            aria-label={text.remove(number)}
            onClick={() => change((before) => ({ ...before, rule: removeCondition(before.rule, index) }))}
          >
            {text.removeShort}
          </Button>
        </div>
        <div className="rb-controls">
          {kinds.length > 1 && left && right && (
            <div>
              <label htmlFor={`${id}-way`} className="k-label">
                {text.way}
              </label>
              <select
                id={`${id}-way`}
                className="k-select"
                value={condition.kind}
                onChange={(event) => set(newCondition(left, right, event.target.value as ConditionKind))}
              >
                {kinds.map((kind) => (
                  <option key={kind} value={kind}>
                    {text.ways[kind]}
                  </option>
                ))}
              </select>
            </div>
          )}
          {condition.kind === 'equal' && <EqualControls condition={condition} onChange={set} />}
          {condition.kind === 'amount' && <AmountControls condition={condition} onChange={set} />}
          {condition.kind === 'date' && (
            <DateControls
              condition={condition}
              left={draft.sides.left?.alias ?? ''}
              right={draft.sides.right?.alias ?? ''}
              onChange={set}
            />
          )}
        </div>
      </fieldset>
    </li>
  );
}
