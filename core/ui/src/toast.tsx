import { useSyncExternalStore } from 'react';
import { messages } from './messages.ts';

export type ToastTone = 'info' | 'success' | 'error';
interface Toast {
  id: number;
  tone: ToastTone;
  message: string;
}

const NONE: readonly Toast[] = [];
let toasts: readonly Toast[] = NONE;
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]) {
  toasts = next;
  for (const listener of listeners) listener();
}

function dismiss(id: number) {
  set(toasts.filter((toast) => toast.id !== id));
}

/** Shows a sentence at the edge of the page. Errors stay until they are dismissed, the rest for 6 s. */
export function notify(tone: ToastTone, message: string): void {
  const id = ++lastId;
  set([...toasts.slice(-3), { id, tone, message }]);
  if (tone !== 'error') setTimeout(() => dismiss(id), 6000);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The place where `notify` shows its sentences; once per page. */
export function Toaster() {
  const shown = useSyncExternalStore(
    subscribe,
    () => toasts,
    () => NONE,
  );
  return (
    <div className="k-toaster" role="status" aria-live="polite" aria-label={messages.notifications}>
      {shown.map((toast) => (
        <div key={toast.id} className={`k-toast k-toast-${toast.tone}`}>
          <span>{toast.message}</span>
          <button
            type="button"
            className="k-icon-button"
            aria-label={messages.dismiss}
            onClick={() => dismiss(toast.id)}
          >
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
