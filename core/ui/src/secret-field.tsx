import { useEffect, useRef, type FormEvent } from 'react';
import { Button } from './button.tsx';
import { messages } from './messages.ts';

export interface SecretFieldProps {
  id: string;
  title: string;
  /** What was typed and is not saved yet; null where the stored one is to be taken away. */
  value: string | null;
  /** True where one is stored. It is never shown, not even to those who stored it. */
  isStored: boolean;
  /** A key file's text in place of a password. */
  long: boolean;
  'aria-describedby'?: string;
  'aria-invalid'?: boolean | undefined;
  'aria-required'?: boolean | undefined;
  onChange(value: string | null | undefined): void;
}

/**
 * A field for a secret. The browser keeps what is typed as the control's property only: React would copy a controlled value
 * into the `value` attribute, where extensions, page dumps and tests read it.
 */
export function SecretField({ title, value, isStored, long, onChange, ...about }: SecretFieldProps) {
  const control = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const going = value === null;
  useEffect(() => {
    if (control.current && control.current.value !== (value ?? '')) control.current.value = value ?? '';
  }, [value]);
  const common = {
    ...about,
    ref: control,
    spellCheck: false,
    autoCapitalize: 'off',
    disabled: going,
    onInput: (event: FormEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      onChange(event.currentTarget.value || undefined),
  };
  return (
    <>
      {long ? (
        <textarea {...common} className="k-input k-textarea k-secret-text" rows={4} autoComplete="off" />
      ) : (
        <input {...common} type="password" className="k-input" autoComplete="new-password" />
      )}
      {isStored && (
        <p className="k-secret-note">
          {going ? messages.secretGoes : messages.secretKept}{' '}
          <Button
            tone="quiet"
            small
            aria-label={going ? messages.keepSecretNamed(title) : messages.removeSecretNamed(title)}
            onClick={() => onChange(going ? undefined : null)}
          >
            {going ? messages.keepSecret : messages.removeSecret}
          </Button>
        </p>
      )}
    </>
  );
}
