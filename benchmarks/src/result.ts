import { z } from 'zod';

const seriesSchema = z.object({
  ms: z.array(z.number().nonnegative()).min(1),
  medianMs: z.number().nonnegative(),
  peakBytes: z.number().nonnegative().nullable(),
});

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
});
export type Measurement = z.infer<typeof measurementSchema>;

/** The result of one scenario as it is kept for `--resume`. */
export const scenarioResultSchema = z.object({
  name: z.string(),
  commit: z.string(),
  runs: z.number().int(),
  finishedAt: z.string(),
  /** Null where the scenario failed; `error` then says why. */
  measurement: measurementSchema.nullable(),
  error: z.string().nullable(),
});
export type ScenarioResult = z.infer<typeof scenarioResultSchema>;
