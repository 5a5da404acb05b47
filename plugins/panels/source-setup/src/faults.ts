import type { Problem } from '@kalla/core';
import { ApiError } from '@kalla/core/panel';
import { fieldKind, titleOf, type FieldFault, type SettingsSchema } from '@kalla/ui';
import { messages } from './messages.ts';

/** A problem to be shown: the answer's own, or a sentence. */
export type Shown = Pick<Problem, 'detail'> & Partial<Problem>;

/** What went wrong with a call, for the reader. Rethrows what is not an answer of the API. */
export function problemOf(error: unknown): Shown {
  if (!(error instanceof ApiError)) throw error;
  const body = error.body as Partial<Problem> | null;
  return { ...(typeof body === 'object' ? body : {}), detail: error.detail };
}

/** The sentences of a problem that are about fields of the settings, by dotted name. */
export function fieldErrors(problem: Shown, schema: SettingsSchema): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { field, message } of problem.errors ?? []) {
    const path = field?.replace(/^(source\.)?config\./, '');
    if (!path || path === field || found[path]) continue;
    found[path] = message;
  }
  // A connector names a field as it is in its settings, without a path.
  for (const { field, message } of problem.errors ?? []) {
    if (field && !found[field] && schema.properties?.[field] && fieldKind(schema.properties[field]) !== 'hidden')
      found[field] = message;
  }
  return found;
}

/** Sentences for faults that were found without asking the server. */
export function faultSentences(faults: Record<string, FieldFault>, schema: SettingsSchema): Record<string, string> {
  return Object.fromEntries(
    Object.entries(faults).map(([path, fault]) => [
      path,
      fault === 'missing' ? messages.missing(titleAt(schema, path.split('.'))) : messages.notANumber,
    ]),
  );
}

function titleAt(schema: SettingsSchema, [name = '', ...rest]: string[]): string {
  const places = [schema, ...(schema.oneOf ?? [])];
  const found = places.map((one) => one.properties?.[name]).find((one) => one !== undefined) ?? {};
  return rest.length > 0 ? titleAt(found, rest) : titleOf(name, found);
}
