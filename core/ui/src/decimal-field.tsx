import { useId, useState } from 'react';
import { messages } from './messages.ts';

export interface DecimalFieldProps {
  label: string;
  labelHidden?: boolean;
  /** Exact decimal text with a point: `0.05`. */
  value: string;
  /** What stands behind the number: `%`, `days`. */
  unit?: string;
  /** Only whole numbers. */
  whole?: boolean;
  onChange(value: string): void;
}

/**
 * A field for a non-negative number, kept as exact text. A comma is taken as the sign of decimals; `1,000`, which may be a
 * thousand as well, is not taken. `onChange` is called with
 * numbers only; what is none yet stays in the field with a word about it.
 */
export function DecimalField({ label, labelHidden, value, unit, whole, onChange }: DecimalFieldProps) {
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const shown = draft ?? value;
  const fits = decimalText(shown, whole) !== null;
  return (
    <div className="k-field">
      <label htmlFor={id} className={labelHidden ? 'k-visually-hidden' : 'k-label'}>
        {label}
      </label>
      <span className="k-field-line">
        <input
          id={id}
          className="k-input k-field-number"
          inputMode={whole ? 'numeric' : 'decimal'}
          autoComplete="off"
          value={shown}
          aria-invalid={!fits || undefined}
          aria-describedby={fits ? undefined : `${id}-hint`}
          onFocus={(event) => event.target.select()}
          onBlur={() => setDraft(null)}
          onChange={(event) => {
            setDraft(event.target.value);
            const next = decimalText(event.target.value, whole);
            if (next !== null && next !== value) onChange(next);
          }}
        />
        {unit && <span className="k-soft">{unit}</span>}
      </span>
      {!fits && (
        <span id={`${id}-hint`} className="k-field-hint">
          {messages.decimalExpected}
        </span>
      )}
    </div>
  );
}

/**
 * What was typed as exact decimal text, or null where it is no non-negative number.
 *
 * @example decimalText('0,05') === '0.05'
 */
export function decimalText(typed: string, whole = false): string | null {
  if (/^[1-9]\d{0,2},\d{3}$/.test(typed.trim())) return null;
  const text = typed.trim().replace(',', '.');
  const match = /^(\d{0,18})(?:\.(\d{0,9}))?$/.exec(text);
  if (!match || (!match[1] && !match[2]) || (whole && text.includes('.'))) return null;
  const digits = (match[1] ?? '').replace(/^0+(?=\d)/, '') || '0';
  return match[2] ? `${digits}.${match[2]}` : digits;
}
