import { columnTypeSchema, noteSchema, uploadOptionsSchema } from '@kalla/core';
import { dateOrders, parseKinds } from '@kalla/files';
import { z } from 'zod';

/** What `describe` found out, so that a later read types every column as it was shown. */
export const pinnedSchema = z
  .object({
    sheet: z.string(),
    header: z.boolean(),
    /** Rows of the sheet above the header, or above the first row where there is no header. */
    skip_lines: z.number().int().min(0),
    /** Filled rows below the last row that are left out. */
    footer_rows: z.number().int().min(0),
    columns: z.array(
      z.object({
        name: z.string(),
        /** Column of the sheet, 0-based. */
        position: z.number().int().min(0),
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

/** Settings of a workbook. Only `uri` is needed; the rest is detected. */
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
export type ExcelConfig = z.infer<typeof configSchema>;
