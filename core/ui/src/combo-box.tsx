import { useId, useRef, useState, type KeyboardEvent } from 'react';
import { classNames } from './class-names.ts';
import { bestFits } from './combo-box-fits.ts';
import { messages } from './messages.ts';

export interface ComboOption {
  id: string;
  label: string;
  /** A word about it, shown beside it: a type, a kind. */
  detail?: string;
}

export interface ComboBoxProps {
  label: string;
  /** The label is for screen readers only, where its place on the page says the same. */
  labelHidden?: boolean;
  options: readonly ComboOption[];
  /** Id of the chosen option. */
  value: string | null;
  placeholder?: string;
  disabled?: boolean;
  invalid?: boolean;
  onChange(id: string): void;
}

/** How many options are listed at once; what is further down is found by typing. */
const LISTED = 60;

/**
 * Chooses one of many by typing a part of its name, after the ARIA pattern of an editable combo box with a list: arrows move,
 * Enter takes, Escape puts back what was. Hundreds of options stay quick, since no more than 60 are on the page.
 */
export function ComboBox({
  label,
  labelHidden,
  options,
  value,
  placeholder,
  disabled,
  invalid,
  onChange,
}: ComboBoxProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  /** What has been typed; null where nothing has and the chosen option is shown. */
  const [typed, setTyped] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const chosen = options.find((option) => option.id === value);
  const fitting = open ? bestFits(options, typed ?? '') : [];
  const listed = fitting.slice(0, LISTED);

  function show() {
    if (open || disabled) return;
    setOpen(true);
    setActive(
      Math.max(
        0,
        options.slice(0, LISTED).findIndex((option) => option.id === value),
      ),
    );
  }
  function close() {
    setOpen(false);
    setTyped(null);
  }
  function take(option: ComboOption | undefined) {
    if (!option) return;
    close();
    if (option.id !== value) onChange(option.id);
  }
  function onKeyDown(event: KeyboardEvent) {
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (move !== undefined) {
      event.preventDefault();
      if (!open) show();
      else setActive(Math.min(Math.max(active + move, 0), Math.max(listed.length - 1, 0)));
    } else if (event.key === 'Enter' && open) {
      event.preventDefault();
      take(listed[active]);
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  }

  return (
    <div className="k-combo">
      <label htmlFor={id} className={labelHidden ? 'k-visually-hidden' : 'k-label'}>
        {label}
      </label>
      <input
        ref={input}
        id={id}
        className="k-input k-combo-input"
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={open ? `${id}-list` : undefined}
        aria-activedescendant={open && listed[active] ? `${id}-${active}` : undefined}
        aria-invalid={invalid || undefined}
        disabled={disabled}
        placeholder={placeholder}
        title={chosen?.label}
        value={typed ?? chosen?.label ?? ''}
        onClick={show}
        onFocus={(event) => event.target.select()}
        onBlur={close}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setTyped(event.target.value);
          setOpen(true);
          setActive(0);
        }}
      />
      {open && (
        <div className="k-combo-popup">
          {listed.length > 0 && (
            <ul id={`${id}-list`} role="listbox" aria-label={label} className="k-combo-list">
              {listed.map((option, index) => (
                // The keys are taken by the input, which keeps the focus.
                // eslint-disable-next-line jsx-a11y/click-events-have-key-events
                <li
                  key={option.id}
                  id={`${id}-${index}`}
                  role="option"
                  aria-selected={option.id === value}
                  className={classNames('k-combo-option', index === active && 'k-combo-active')}
                  ref={index === active ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
                  onPointerDown={(event) => event.preventDefault()}
                  onClick={() => take(option)}
                >
                  <span className="k-combo-name">{option.label}</span>
                  {option.detail && <span className="k-soft">{option.detail}</span>}
                </li>
              ))}
            </ul>
          )}
          {fitting.length > LISTED && <p className="k-combo-more">{messages.moreFit(fitting.length - LISTED)}</p>}
          {fitting.length === 0 && <p className="k-combo-more">{messages.noneFits(typed ?? '')}</p>}
        </div>
      )}
    </div>
  );
}
