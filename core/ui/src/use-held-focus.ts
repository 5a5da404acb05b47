import { useEffect, type RefObject } from 'react';

const FOCUSABLE =
  'a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex="-1"]), [contenteditable="true"]';

const takesFocus = (element: HTMLElement) =>
  element.isConnected && !element.matches(':disabled') && element.getClientRects().length > 0;

/**
 * Keeps the focus in a part of the page when what has it goes away or can be pressed no more, as a button does that removes
 * itself: it then goes to what comes next, or else to what came before. Without this who uses the keyboard begins at the
 * top of the page.
 */
export function useHeldFocus(part: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const whole = part.current;
    if (!whole) return;
    let held: HTMLElement | null = null;
    let around: HTMLElement[] = [];

    /** Remembers what has the focus and what stands around it, just before something may happen to it. */
    const hold = () => {
      const active = document.activeElement as HTMLElement | null;
      // A dialog gives the focus back by itself.
      const own = active && active !== whole && whole.contains(active) && !active.closest('dialog');
      held = own ? active : null;
      around = held ? [...whole.querySelectorAll<HTMLElement>(FOCUSABLE)] : [];
    };
    // Who presses the mouse where nothing takes the focus has put it away.
    const onPointer = (event: Event) => {
      if (!(event.target as Element).closest(`${FOCUSABLE}, label`)) held = null;
    };
    const onChange = () => {
      if (!held || (held.isConnected && !held.matches(':disabled'))) return;
      const active = document.activeElement;
      if (active && active !== document.body && active !== held) return;
      const at = around.indexOf(held);
      const next = [...around.slice(at + 1), ...around.slice(0, at).reverse()].find(takesFocus);
      held = null;
      if (next) return next.focus();
      whole.tabIndex = -1;
      whole.focus({ preventScroll: true });
    };

    const observer = new MutationObserver(onChange);
    observer.observe(whole, { subtree: true, childList: true, attributeFilter: ['disabled'] });
    const capture = { capture: true };
    document.addEventListener('focusin', hold);
    document.addEventListener('keydown', hold, capture);
    document.addEventListener('click', hold, capture);
    document.addEventListener('pointerdown', onPointer, capture);
    return () => {
      observer.disconnect();
      document.removeEventListener('focusin', hold);
      document.removeEventListener('keydown', hold, capture);
      document.removeEventListener('click', hold, capture);
      document.removeEventListener('pointerdown', onPointer, capture);
    };
  }, [part]);
}
