import type { AnchorHTMLAttributes, ButtonHTMLAttributes } from 'react';
import { classNames } from './class-names.ts';

export type ButtonTone = 'primary' | 'plain' | 'quiet' | 'danger';

/** The class of something that looks like a button, for links of any router. */
export function buttonClass(tone: ButtonTone = 'plain', small = false): string {
  return classNames('k-button', `k-button-${tone}`, small && 'k-button-small');
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: ButtonTone;
  small?: boolean;
  /** Shows that it works and takes no further press; it keeps the focus, which `disabled` would lose. */
  busy?: boolean;
}

/** A button. It is `type="button"` unless said otherwise, so that none submits a form by accident. */
export function Button({ tone = 'plain', small, busy, className, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || rest.disabled || rest['aria-disabled'] || undefined}
      aria-busy={busy || undefined}
      className={classNames(buttonClass(tone, small), className)}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}

/** A link that looks like a button; for going somewhere and for downloads. */
export function ButtonLink({
  tone = 'plain',
  small,
  className,
  ...rest
}: AnchorHTMLAttributes<HTMLAnchorElement> & { tone?: ButtonTone; small?: boolean }) {
  return <a {...rest} className={classNames(buttonClass(tone, small), className)} />;
}
