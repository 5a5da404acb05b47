import { useEffect, useId, useRef, type ReactNode } from 'react';
import { messages } from './messages.ts';

export interface SheetProps {
  open: boolean;
  title: string;
  onClose(): void;
  /** Buttons beside the title. */
  tools?: ReactNode;
  children: ReactNode;
}

/**
 * A modal sheet at the side of the window, on narrow screens all of it. It is the browser's own `<dialog>`: focus stays
 * inside, Escape closes it, and the focus goes back to where it was.
 */
export function Sheet({ open, title, onClose, tools, children }: SheetProps) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    if (!dialog) return;
    if (open && !dialog.open) {
      dialog.showModal();
      // The name of what was opened is read first; Tab leads on from there.
      heading.current?.focus();
    }
    if (!open && dialog.open) dialog.close();
  }, [open]);
  return (
    <dialog ref={element} className="k-sheet" aria-labelledby={titleId} onClose={onClose}>
      <div className="k-sheet-inner">
        <div className="k-sheet-head">
          <h2 ref={heading} id={titleId} tabIndex={-1}>
            {title}
          </h2>
          <div className="k-sheet-tools">
            {tools}
            <button type="button" className="k-icon-button" aria-label={messages.close} onClick={onClose}>
              <span aria-hidden="true">✕</span>
            </button>
          </div>
        </div>
        {open && children}
      </div>
    </dialog>
  );
}
