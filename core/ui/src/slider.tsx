import { useId } from 'react';

export interface SliderProps {
  label: string;
  labelHidden?: boolean;
  /** Whole steps: what a step means is said by `valueText`. */
  value: number;
  max: number;
  /** What the present step means, for those who hear it: `5 days`, `0.05`. */
  valueText: string;
  onChange(step: number): void;
}

/** A slider over whole steps, on the browser's own: arrows, Page Up and Down, Home and End work by themselves. */
export function Slider({ label, labelHidden, value, max, valueText, onChange }: SliderProps) {
  const id = useId();
  return (
    <div className="k-slider">
      <label htmlFor={id} className={labelHidden ? 'k-visually-hidden' : 'k-label'}>
        {label}
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={max}
        step={1}
        value={value}
        aria-valuetext={valueText}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
    </div>
  );
}
