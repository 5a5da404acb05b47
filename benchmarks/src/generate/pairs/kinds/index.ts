import type { PairKind } from '../pair-kind.ts';
import { compositeKey } from './composite-key.ts';
import { currencies } from './currencies.ts';
import { dateLag } from './date-lag.ts';
import { formatting } from './formatting.ts';
import { insideText } from './inside-text.ts';
import { noKey } from './no-key.ts';
import { noReference } from './no-reference.ts';
import { oppositeSigns } from './opposite-signs.ts';
import { partialPayments } from './partial-payments.ts';
import { renamed } from './renamed.ts';
import { tolerance } from './tolerance.ts';
import { unrelated } from './unrelated.ts';

export const kindNames = [
  ...(['renamed', 'formatting', 'inside_text', 'opposite_signs', 'tolerance', 'date_lag'] as const),
  ...(['no_reference', 'composite_key', 'no_key', 'currencies', 'partial_payments', 'unrelated'] as const),
];
export type KindName = (typeof kindNames)[number];

/**
 * Every kind of pairs, in the order of the report. The engine must not know them: no name, format or size of theirs may
 * stand in it, and nothing in them is chosen to suit it.
 */
export const pairKinds: Record<KindName, PairKind> = {
  renamed,
  formatting,
  inside_text: insideText,
  opposite_signs: oppositeSigns,
  tolerance,
  date_lag: dateLag,
  no_reference: noReference,
  composite_key: compositeKey,
  no_key: noKey,
  currencies,
  partial_payments: partialPayments,
  unrelated,
};
