import { columnTypeSchema, noteSchema, uploadOptionsSchema } from '@kalla/core';
import { dateOrders, parseKinds } from '@kalla/files';
import { z } from 'zod';
import { encodings } from './types.ts';

/** What `describe` found out, so that a later read types every column as it was shown. */
export const pinnedSchema = z
  .object({
    encoding: z.enum(encodings),
    delimiter: z.string().length(1),
    quote: z.string().max(1),
    header: z.boolean(),
    skip_lines: z.number().int().min(0),
    footer_lines: z.number().int().min(0),
    /** The lines end in more than one way, so the text has to be written anew before it is read. */
    rewrite: z.boolean().optional(),
    /** The file whose every byte was looked at and found to be sound UTF-8 without a NUL: the same one need not be looked at again. */
    sound: z.object({ bytes: z.number().int(), modified_ms: z.number() }).optional(),
    columns: z.array(
      z.object({
        name: z.string(),
        type: columnTypeSchema,
        kind: z.enum(parseKinds),
        decimal: z.enum(['.', ',']).optional(),
        currency: z.string().max(4).optional(),
        order: z.enum(dateOrders).optional(),
        /** Why the column is text, where it nearly is something else. */
        why: noteSchema.optional(),
      }),
    ),
  })
  .meta({ title: 'Detected', description: 'What was found in the file. Kalla fills this in.', readOnly: true });
export type Pinned = z.infer<typeof pinnedSchema>;

/** Settings of a delimited file. Only `uri` is needed; the rest is detected. */
export const configSchema = z.strictObject({
  uri: z.string().min(1).meta({
    title: 'File',
    description: 'Address of the file: an upload, a folder that the operator allows, or https://.',
  }),
  filename: z.string().optional().meta({ title: 'Name', description: 'The name people know the file by.' }),
  options: uploadOptionsSchema
    .optional()
    .meta({ title: 'How to read it', description: 'Everything left out is detected.' }),
  pinned: pinnedSchema.optional(),
});
export type CsvConfig = z.infer<typeof configSchema>;
