import { z } from 'zod';

/**
 * What people click together in place of SQL: conditions that all have to hold for two rows to belong together. `compileRule`
 * makes the recipe's `match_sql` of it and `describeRule` its `match_description`, so that the three never disagree.
 */

/** Differences in a text that do not count, in the order in which they are taken away. */
export const ignorable = ['case', 'spaces', 'punctuation', 'letters', 'leading_zeros'] as const;
export type Ignorable = (typeof ignorable)[number];

const column = z.string().min(1).max(1000);
/** An exact, non-negative decimal number as text: `0.05`. */
const amountText = z.string().regex(/^\d{1,18}(\.\d{1,9})?$/, 'a number such as 0.05');
const days = z.number().int().min(0).max(3660);

/** Both values are the same, once what is ignored is taken away. NULL and an empty text are never the same as anything. */
export const equalConditionSchema = z.strictObject({
  kind: z.literal('equal'),
  left: column,
  right: column,
  ignore: z.array(z.enum(ignorable)).default([]),
  /** One side is a longer text that holds the reference somewhere inside it. */
  extract: z
    .strictObject({
      side: z.enum(['left', 'right']),
      /** Regular expression of the reference, without groups, in what RE2 and Rust's regex have in common. */
      pattern: z.string().min(1).max(200),
      /** One that was found, for people to see. */
      example: z.string().max(200),
    })
    .optional(),
});

/** The amounts are the same, or as near as the tolerance says. Compared as decimals. */
export const amountConditionSchema = z.strictObject({
  kind: z.literal('amount'),
  left: column,
  right: column,
  /** `opposite`: one side books as negative what the other has as positive. `any`: signs do not count. */
  sign: z.enum(['same', 'opposite', 'any']).default('same'),
  tolerance: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('none') }),
      z.strictObject({ kind: z.literal('absolute'), value: amountText }),
      /** Percent of the left amount. */
      z.strictObject({ kind: z.literal('percent'), value: amountText }),
    ])
    .default({ kind: 'none' }),
});

/** The right date lies between `before` days before the left date and `after` days after it. Times of day do not count. */
export const dateConditionSchema = z.strictObject({
  kind: z.literal('date'),
  left: column,
  right: column,
  before: days.default(0),
  after: days.default(0),
});

export const conditionSchema = z.discriminatedUnion('kind', [
  equalConditionSchema,
  amountConditionSchema,
  dateConditionSchema,
]);
export type EqualCondition = z.infer<typeof equalConditionSchema>;
export type AmountCondition = z.infer<typeof amountConditionSchema>;
export type DateCondition = z.infer<typeof dateConditionSchema>;
export type Condition = z.infer<typeof conditionSchema>;

export const ruleSchema = z
  .strictObject({
    conditions: z.array(conditionSchema).min(1).max(20),
    /**
     * `once`: each row is used at most once, and of several possible partners the nearest counts. `every`: each pair that
     * meets the conditions counts, so that one payment may settle several invoices.
     */
    pairing: z.enum(['once', 'every']).default('once'),
  })
  .meta({ id: 'Rule' });
export type Rule = z.infer<typeof ruleSchema>;
export type RuleInput = z.input<typeof ruleSchema>;

/** False for no tolerance and for one of zero. */
export function allowsDifference(
  tolerance: AmountCondition['tolerance'],
): tolerance is Exclude<AmountCondition['tolerance'], { kind: 'none' }> {
  return tolerance.kind !== 'none' && /[1-9]/.test(tolerance.value);
}
