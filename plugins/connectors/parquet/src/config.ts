import { z } from 'zod';

/** Settings of a Parquet file. */
export const configSchema = z.strictObject({
  uri: z.string().min(1).meta({
    title: 'File',
    description: 'Address of the file: an upload, a folder that the operator allows, or https://.',
  }),
  filename: z.string().optional().meta({ title: 'Name', description: 'The name people know the file by.' }),
});
export type ParquetConfig = z.infer<typeof configSchema>;
