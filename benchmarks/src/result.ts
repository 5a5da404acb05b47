import { z } from 'zod';
import { kindNames } from './generate/pairs/kinds/index.ts';
import { noiseNames } from './generate/pairs/noise.ts';

const seriesSchema = z.object({
  ms: z.array(z.number().nonnegative()).min(1),
  medianMs: z.number().nonnegative(),
  peakBytes: z.number().nonnegative().nullable(),
});

const share = z.number().min(0).max(1).nullable();

/** What came of asking for proposals for one pair of files. */
export const suggestionResultSchema = z.object({
  kind: z.enum(kindNames),
  noise: z.enum(noiseNames),
  rows: z.object({ left: z.number().int(), right: z.number().int() }),
  /** Milliseconds until the proposals were there; null where none came. */
  ms: z.number().nonnegative().nullable(),
  /** How many there were. What follows is about the first; null where there is none. */
  proposals: z.number().int(),
  score: share,
  /** The rule in one line. */
  rule: z.string().nullable(),
  /** Shares of the pairs of a real run; null where nothing was run, found, or to be found. */
  precision: share,
  recall: share,
  ambiguous: z.object({ left: z.number().int(), right: z.number().int() }).nullable(),
  /** The same of the rule of somebody who knows the files. */
  expert: z.object({ precision: share, recall: share }).nullable(),
  /** A wrong pair and a missed one. */
  examples: z.array(z.string()),
  /** What went wrong: no answer, a recipe that does not run, counts that are not those of the run. */
  error: z.string().nullable(),
});
export type SuggestionResult = z.infer<typeof suggestionResultSchema>;

/** What a scenario that ended well found. */
export const measurementSchema = z.object({
  subject: seriesSchema,
  /** The same work done as fast as it can be done; absent where the promise is a time. */
  limit: seriesSchema.nullable(),
  ratio: z.number().positive().nullable(),
  /** What was compared with what the generator knows, as a sentence. */
  checked: z.string(),
  /** Remarks for the reader of the report. */
  notes: z.array(z.string()).default([]),
  /** Each pair of files that proposals were asked for. */
  suggestions: z.array(suggestionResultSchema).optional(),
});
export type Measurement = z.infer<typeof measurementSchema>;

/** The result of one scenario as it is kept for `--resume`. */
export const scenarioResultSchema = z.object({
  name: z.string(),
  commit: z.string(),
  runs: z.number().int(),
  finishedAt: z.string(),
  /** Null where nothing could be measured. */
  measurement: measurementSchema.nullable(),
  /** Why nothing could be measured, or what was wrong with what was. */
  error: z.string().nullable(),
});
export type ScenarioResult = z.infer<typeof scenarioResultSchema>;
