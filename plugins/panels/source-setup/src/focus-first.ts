import { fieldId } from '@kalla/ui';
import { formId } from './connection-step.tsx';

/** Brings the reader to the first field at fault. False where there is none. */
export function focusFirst(errors: Record<string, string>): boolean {
  const [path] = Object.keys(errors);
  if (path === undefined) return false;
  // The field may be among the settings that open only now.
  setTimeout(() => document.getElementById(fieldId(formId, path))?.focus());
  return true;
}
