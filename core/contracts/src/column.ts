import { z } from 'zod';
import { columnTypeSchema } from './column-type.ts';

/** A remark about a column or a whole source that a person should see: a lossy mapping, a line left out, an ambiguity. */
export const noteSchema = z
  .object({
    column: z.string().optional(),
    message: z.string(),
    /** Options the user can choose between, by option name: `{ "date_order": ["dmy", "mdy"] }`. */
    choice: z.record(z.string(), z.array(z.string())).optional(),
    /** How many rows, lines or cells the remark is about. */
    count: z.number().int().nonnegative().optional(),
    /** The first row that the remark is about, 1-based, as in `_row`, and what its cell holds. */
    row: z.number().int().positive().optional(),
    value: z.string().optional(),
  })
  .meta({ id: 'Note' });
export type Note = z.infer<typeof noteSchema>;

export const columnInfoSchema = z
  .object({
    name: z.string(),
    type: columnTypeSchema,
    /** Type name in the source itself, for example `numeric(18,2)`. */
    source_type: z.string().optional(),
    nullable: z.boolean().optional(),
    /** Exact number of NULL cells where the whole source was read. */
    nulls: z.number().int().nonnegative().optional(),
    /** Up to five values as text. */
    sample: z.array(z.string().nullable()).optional(),
  })
  .meta({ id: 'ColumnInfo' });
export type ColumnInfo = z.infer<typeof columnInfoSchema>;

/** One cell as it travels in JSON; see API.md, "Cells in JSON". */
export const jsonCellSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type JsonCell = z.infer<typeof jsonCellSchema>;

/** Which columns of a preview are read: those that are named, or the first of a table that has more than `max_columns`. */
export const previewColumnsSchema = z.object({
  columns: z.array(z.string().min(1)).min(1).max(1000).optional(),
  max_columns: z.number().int().min(1).max(10_000).optional(),
});
export type PreviewColumns = z.infer<typeof previewColumnsSchema>;

/** One page of rows of a table. `total` is null where counting would cost a pass over a remote source. */
export const rowsPageSchema = z
  .object({
    columns: z.array(columnInfoSchema),
    rows: z.array(z.record(z.string(), jsonCellSchema)),
    total: z.number().int().nonnegative().nullable(),
    /** Of a preview that reads some columns of a table: all that there are, in order. Absent where `columns` are all. */
    all_columns: z.array(columnInfoSchema).optional(),
    /** Of a result: the place of each row in its file, from 0. It names the row whatever the order. */
    row_numbers: z.array(z.number().int().nonnegative()).optional(),
  })
  .meta({ id: 'RowsPage' });
export type RowsPage = z.infer<typeof rowsPageSchema>;

export const filterOps = [
  'eq',
  'ne',
  'lt',
  'lte',
  'gt',
  'gte',
  'contains',
  'starts_with',
  'is_null',
  'not_null',
] as const;

/**
 * A column that is made on the way: the first column minus the second. Both are exact numbers, or both are dates or
 * timestamps; of dates it is the number of days.
 */
export const differenceSchema = z.tuple([z.string(), z.string()]).meta({ id: 'Difference' });
export type Difference = z.infer<typeof differenceSchema>;

/** A condition on one column. Values are text and are compared in the column's own type; several conditions mean AND. */
export const rowFilterSchema = z
  .object({ column: z.string(), op: z.enum(filterOps), value: z.string().optional() })
  .meta({ id: 'RowFilter' });
export type RowFilter = z.infer<typeof rowFilterSchema>;
