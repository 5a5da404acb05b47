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
  /** The highest number that is taken; a higher one is refused like what is no number. */
  most?: number;
  onChange(value: string): void;
}

/**
 * A field for a non-negative number, kept as exact text. A comma is taken as the sign of decimals; `1,000`, which may be a
 * thousand as well, is not taken. `onChange` is called with numbers only, and with none above `most`;
 * what is refused stays in the field, also when it is left, with a sentence that says which number still holds, until it is
 * mended or the number is set by other means.
 */
export function DecimalField({ label, labelHidden, value, unit, whole, most, onChange }: DecimalFieldProps) {
  const id = useId();
  /** What is being typed, and the number that held meanwhile. */
  const [draft, setDraft] = useState<{ typed: string; held: string } | null>(null);
  const taken = (typed: string) => {
    const text = decimalText(typed, whole);
    return text !== null && most !== undefined && Number(text) > most ? null : text;
  };
  const refused = draft !== null && taken(draft.typed) === null;
  // Set by a slider, or by undo: what was typed is of no interest any more.
  if (refused && draft.held !== value) setDraft(null);
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
          value={draft?.typed ?? value}
          aria-invalid={refused || undefined}
          aria-describedby={refused ? `${id}-hint` : undefined}
          onFocus={(event) => event.target.select()}
          onBlur={() => {
            if (!refused) setDraft(null);
          }}
          onChange={(event) => {
            setDraft({ typed: event.target.value, held: value });
            const next = taken(event.target.value);
            if (next !== null && next !== value) onChange(next);
          }}
        />
        {unit && <span className="k-soft">{unit}</span>}
      </span>
      {refused && (
        <span id={`${id}-hint`} className="k-field-hint">
          {messages.numberRefused(draft.typed.trim(), value)}{' '}
          {most !== undefined && decimalText(draft.typed, whole) !== null
            ? messages.mostExpected(String(most))
            : whole
              ? messages.wholeExpected
              : messages.decimalExpected}
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
