import type { AmountCondition } from '@kalla/core';
import { DecimalField, Slider } from '@kalla/ui';
import { useId } from 'react';
import { messages } from './messages.ts';
import { absoluteSteps, percentSteps, stepOf } from './tolerance-steps.ts';

const text = messages.rule;

export interface AmountControlsProps {
  condition: AmountCondition;
  onChange(next: AmountCondition, about?: string): void;
}

/** How signs count, and how far amounts may be apart: by a number, or by a slider with stops that people use. */
export function AmountControls({ condition, onChange }: AmountControlsProps) {
  const id = useId();
  const { sign, tolerance } = condition;
  const unit = tolerance.kind === 'percent' ? 'percent' : 'absolute';
  const value = tolerance.kind === 'none' ? '0' : tolerance.value;
  const steps: readonly string[] = unit === 'percent' ? percentSteps : absoluteSteps;

  function allow(next: string, kind: 'absolute' | 'percent', about?: string) {
    // An amount of zero is written as no tolerance at all; a percentage stays one, so that its unit is not lost.
    const none = kind === 'absolute' && !/[1-9]/.test(next);
    onChange({ ...condition, tolerance: none ? { kind: 'none' } : { kind, value: next } }, about);
  }

  return (
    <>
      <div>
        <label htmlFor={`${id}-sign`} className="k-label">
          {text.sign}
        </label>
        <select
          id={`${id}-sign`}
          className="k-select"
          value={sign}
          onChange={(event) => onChange({ ...condition, sign: event.target.value as AmountCondition['sign'] })}
        >
          {(['same', 'opposite', 'any'] as const).map((option) => (
            <option key={option} value={option}>
              {text.signs[option]}
            </option>
          ))}
        </select>
      </div>
      <DecimalField label={text.tolerance} value={value} onChange={(next) => allow(next, unit, 'tolerance')} />
      <div>
        <label htmlFor={`${id}-unit`} className="k-label">
          {text.unit}
        </label>
        <select
          id={`${id}-unit`}
          className="k-select"
          value={unit}
          onChange={(event) => allow(value, event.target.value as 'absolute' | 'percent')}
        >
          {(['absolute', 'percent'] as const).map((option) => (
            <option key={option} value={option}>
              {text.units[option]}
            </option>
          ))}
        </select>
      </div>
      <div className="rb-slider">
        <Slider
          label={text.toleranceSlider}
          value={stepOf(steps, value)}
          max={steps.length - 1}
          valueText={unit === 'percent' ? `${value} %` : value}
          onChange={(step) => allow(steps[step] ?? '0', unit, 'tolerance')}
        />
      </div>
    </>
  );
}
