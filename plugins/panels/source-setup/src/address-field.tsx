import { Button, ProblemNotice } from '@kalla/ui';
import { useId, useRef } from 'react';

export interface AddressFieldProps {
  label: string;
  help: string;
  example: string;
  button: string;
  busy: boolean;
  /** What is wrong with what was typed. */
  error: string | null;
  /** Gets what was typed, and a function that empties the field. */
  onTake(address: string, clear: () => void): void | Promise<void>;
}

/**
 * A field for an address that may hold a password. It is not a controlled one: its value stays out of React's state and of
 * the `value` attribute, and it is emptied as soon as the address was taken apart.
 */
export function AddressField({ label, help, example, button, busy, error, onTake }: AddressFieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  return (
    <form
      className="k-field ss-address"
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        if (busy) return;
        const clear = () => {
          if (input.current) input.current.value = '';
        };
        void onTake(input.current?.value.trim() ?? '', clear);
      }}
    >
      <label htmlFor={id} className="k-label">
        {label}
      </label>
      <div className="ss-line">
        <input
          ref={input}
          id={id}
          className="k-input"
          aria-describedby={error === null ? `${id}-help` : `${id}-error ${id}-help`}
          aria-invalid={error !== null || undefined}
          placeholder={example}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
        />
        <Button type="submit" busy={busy}>
          {button}
        </Button>
      </div>
      <p id={`${id}-help`} className="k-help">
        {help}
      </p>
      {error !== null && (
        <div id={`${id}-error`}>
          <ProblemNotice problem={{ detail: error }} />
        </div>
      )}
    </form>
  );
}
