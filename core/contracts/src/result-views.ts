import { z } from 'zod';
import { columnInfoSchema, differenceSchema, jsonCellSchema, rowFilterSchema, type ColumnInfo } from './column.ts';
import { currencySumsSchema, resultSets } from './result.ts';

/** Ways to look at a finished run besides its plain rows: sums of a selection, the money by currency, why a row is alone. */

const count = z.number().int().nonnegative();
const selection = {
  filter: z.array(rowFilterSchema).default([]),
  /** Text searched in all columns. */
  q: z.string().optional(),
  differences: z.array(differenceSchema).max(20).optional(),
};

export const resultSummaryRequestSchema = z.object({
  /** URI of one result Parquet file. */
  uri: z.string(),
  ...selection,
});

/** How many rows a selection has and what its amounts come to, by currency where there is such a column. All sums are exact. */
export const selectionSummarySchema = z
  .object({ rows: count, by_currency: currencySumsSchema })
  .meta({ id: 'SelectionSummary' });
export type SelectionSummary = z.infer<typeof selectionSummarySchema>;

/** What the panel needs to draw a run before it has any row: the columns of each set, and the money by currency. */
export const runSummarySchema = z
  .object({
    sets: z.record(
      z.enum(resultSets),
      z.object({ rows: count, columns: z.array(columnInfoSchema), currency_column: z.string().nullable() }),
    ),
    /** Sums by currency of all rows and of the unmatched rows of each side; absent for a run of an earlier Kalla. */
    by_currency: z
      .object({
        left: currencySumsSchema.optional(),
        right: currencySumsSchema.optional(),
        unmatched_left: currencySumsSchema.optional(),
        unmatched_right: currencySumsSchema.optional(),
      })
      .nullable(),
  })
  .meta({ id: 'RunSummary' });
export type RunSummary = z.infer<typeof runSummarySchema>;

export const candidatesRequestSchema = z.object({
  /** The unmatched set that holds the row. */
  uri: z.string(),
  /** Its place in that file, from 0. */
  row: z.number().int().min(0),
  /** The unmatched set of the other side. */
  other_uri: z.string(),
  matched_uri: z.string(),
});

export const cellRelationSchema = z.object({
  kind: z.enum(['reference', 'text', 'amount', 'date', 'currency']),
  /** Column of the row that is asked about. */
  own: z.string(),
  /** Column of the other row. */
  other: z.string(),
  /**
   * `same`: equal to the letter. `similar`: equal but for case, punctuation and leading zeros. `contained`: one holds the
   * other. `opposite`: the same amount with the other sign.
   */
  relation: z.enum(['same', 'similar', 'contained', 'opposite', 'different']),
  /** Other minus own, exactly: an amount, or days. */
  difference: z.string().optional(),
});
export type CellRelation = z.infer<typeof cellRelationSchema>;

const candidateSchema = z.object({
  row: count,
  values: z.record(z.string(), jsonCellSchema),
  relations: z.array(cellRelationSchema),
});
export type Candidate = z.infer<typeof candidateSchema>;

/** The rows that come nearest to an unmatched row, best first: found by their values alone, the rule is not asked. */
export const candidatesSchema = z
  .object({
    row: z.object({ columns: z.array(columnInfoSchema), values: z.record(z.string(), jsonCellSchema) }),
    /** Rows of the other side that are unmatched too. */
    unmatched: z.object({ columns: z.array(columnInfoSchema), rows: z.array(candidateSchema) }),
    /** Matched rows with the same reference: the partner may have gone to another row. */
    matched: z.object({ columns: z.array(columnInfoSchema), rows: z.array(candidateSchema) }),
  })
  .meta({ id: 'Candidates' });
export type Candidates = z.infer<typeof candidatesSchema>;

const CURRENCY_NAME =
  /^(?:.*[_\s.-])?(currency|ccy|curr|cur|currency[_\s-]?code|w(ae|ä)hrung|devise|moneda|valuta|divisa)$/i;

/** The column that says in which currency an amount is, by its name and type; null where there is none. The plainest name wins. */
export function currencyColumnOf(columns: readonly Pick<ColumnInfo, 'name' | 'type'>[]): string | null {
  const found = columns.filter(({ name, type }) => type === 'text' && CURRENCY_NAME.test(name));
  return found.reduce<string | null>(
    (best, { name }) => (best === null || name.length < best.length ? name : best),
    null,
  );
}
