import { z } from 'zod';
import { problemSchema } from './problem.ts';
import { resultManifestSchema } from './result.ts';

const envelope = {
  run_id: z.string(),
  attempt: z.number().int().positive().default(1),
  seq: z.number().int().nonnegative().default(0),
};

/** `{"stage":"staging","source":"invoices","progress":0.65}`; `progress` is 0 to 1, or null where the total is unknown. */
export const stagingProgressSchema = z.object({
  stage: z.literal('staging'),
  source: z.string(),
  progress: z.number().min(0).max(1).nullable(),
  rows: z.number().int().nonnegative().optional(),
});

/** `{"stage":"matching","matched":847,"total_left":1000}` */
export const matchingProgressSchema = z.object({
  stage: z.literal('matching'),
  progress: z.number().min(0).max(1).nullable().optional(),
  matched: z.number().int().nonnegative().optional(),
  total_left: z.number().int().nonnegative().optional(),
});

export const progressSchema = z.union([stagingProgressSchema, matchingProgressSchema]).meta({ id: 'Progress' });
export type Progress = z.infer<typeof progressSchema>;

/** Body of the progress callback. `seq` grows within an attempt: an older one that comes late is ignored. */
export const progressCallbackSchema = z
  .intersection(z.object(envelope), z.union([progressSchema, z.object({ stage: z.literal('heartbeat') })]))
  .meta({ id: 'ProgressCallback' });
export type ProgressCallback = z.infer<typeof progressCallbackSchema>;

export const completeCallbackSchema = z
  .object({ ...envelope, output_path: z.string(), manifest: resultManifestSchema })
  .meta({ id: 'CompleteCallback' });
export type CompleteCallback = z.infer<typeof completeCallbackSchema>;

export const errorCallbackSchema = z
  .object({ ...envelope, status: z.enum(['failed', 'cancelled']).default('failed'), error: problemSchema })
  .meta({ id: 'ErrorCallback' });
export type ErrorCallback = z.infer<typeof errorCallbackSchema>;
