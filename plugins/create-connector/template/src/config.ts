import { z } from 'zod';

/**
 * What a person fills in. The build writes it to dist/config.schema.json, of which Kalla makes the form: `title` is the label,
 * `description` the help below the field, and `writeOnly` marks what is secret.
 */
export const configSchema = z.strictObject({
  host: z.string().min(1).meta({
    title: 'Host',
    description: 'The name of the server. "demo" is the one in memory that this connector begins with.',
  }),
  token: z.string().meta({
    title: 'Token',
    description: 'Where to find it in My source. For "demo" it is demo-token.',
    writeOnly: true,
  }),
});
export type Config = z.infer<typeof configSchema>;
