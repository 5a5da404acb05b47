import type { DateCondition } from '@kalla/core';
import { DecimalField, Slider } from '@kalla/ui';
import { messages } from './messages.ts';

const text = messages.rule;
/** The slider's end; more days are typed. */
const MONTH = 31;
/** What a rule may hold: ten years. */
const MOST_DAYS = 3660;

export interface DateControlsProps {
  condition: DateCondition;
  /** Names of the sides. */
  left: string;
  right: string;
  onChange(next: DateCondition, about?: string): void;
}

/** How many days the right date may be before or after the left one. */
export function DateControls({ condition, left, right, onChange }: DateControlsProps) {
  return (
    <>
      {(['before', 'after'] as const).map((side) => {
        const days = condition[side];
        const set = (next: number) => onChange({ ...condition, [side]: next }, side);
        return (
          <div key={side} className="rb-days">
            <DecimalField
              label={text[side]}
              value={String(days)}
              whole
              most={MOST_DAYS}
              onChange={(typed) => set(Number(typed))}
            />
            <div className="rb-slider">
              <Slider
                label={text[side]}
                labelHidden
                value={Math.min(days, MONTH)}
                max={MONTH}
                valueText={text.days(days)}
                onChange={set}
              />
            </div>
          </div>
        );
      })}
      <p className="k-soft rb-date-hint">{text.dateHint(right, left)}</p>
    </>
  );
}
