import { z } from 'zod';

/** libpq's TLS modes, weakest first. */
export const sslModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof sslModes)[number];

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/;

/** What a PostgreSQL source needs. Titles and descriptions draw the form; the password is the only secret. */
export const configSchema = z.strictObject({
  host: z
    .string()
    .trim()
    .min(1, 'Say which server: its name or IP address.')
    .max(255)
    .refine((host) => !/[/\\,\s@]/.test(host), 'One server name or IP address, without a port, a path or spaces.')
    .meta({
      title: 'Server',
      description:
        'Name or IP address of the database server, for example db.example.com. Your provider calls it host.',
      examples: ['db.example.com'],
    }),
  port: z.number().int().min(1).max(65535).default(5432).meta({
    title: 'Port',
    description: '5432 unless the server was set up otherwise; poolers often use 6432 or 6543.',
  }),
  database: z
    .string()
    .min(1, 'Say which database on the server.')
    .max(63)
    .meta({ title: 'Database', description: 'Name of the database on that server. In psql, \\l lists them.' }),
  user: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .meta({
      title: 'User',
      description: `Database user to sign in as; one that may only read is best. Left empty: the user that Kalla runs as, as psql does. An administrator makes such a user with these lines in psql, with your own names and password:

  CREATE ROLE kalla LOGIN PASSWORD 'choose one';
  GRANT CONNECT ON DATABASE books TO kalla;
  GRANT USAGE ON SCHEMA public TO kalla;
  GRANT SELECT ON ALL TABLES IN SCHEMA public TO kalla;`,
    }),
  password: z.string().max(1000).optional().meta({
    title: 'Password',
    description: 'Password of that user. It is stored and never shown again.',
    writeOnly: true,
    format: 'password',
  }),
  sslmode: z
    .enum(sslModes)
    .default('prefer')
    .meta({
      title: 'Secure connection',
      description:
        'disable: never. prefer: when the server offers it. require: always, without checking who answers. ' +
        'verify-ca: the certificate must be signed by a trusted authority. verify-full: and must carry the server’s name; the safest.',
    }),
  sslrootcert: z
    .string()
    .max(100_000)
    .refine((text) => PEM.test(text), 'Paste the text of the certificate, from -----BEGIN CERTIFICATE----- on.')
    .optional()
    .meta({
      title: 'Trusted certificate',
      description:
        'Text (PEM) of the authority that signed the server’s certificate; cloud providers offer it for download. ' +
        'Left empty: the authorities that Node.js trusts.',
      contentMediaType: 'application/x-pem-file',
    }),
  schema: z.string().min(1).max(63).optional().meta({
    title: 'Schema',
    description:
      'Lists only the tables of this schema, and looks there for a table that is named without one. Left empty: all schemas.',
  }),
  text_columns: z
    .array(z.string().min(1))
    .max(2000)
    .optional()
    .meta({
      title: 'Columns to read as text',
      description:
        'Names of columns that are read as text, in PostgreSQL’s own spelling. For columns with values that no exact type ' +
        'can hold, such as NaN among amounts or "infinity" among dates.',
    }),
  connect_timeout: z
    .number()
    .int()
    .min(1)
    .max(120)
    .default(10)
    .meta({ title: 'Seconds to wait', description: 'How long to wait for the server to answer, in seconds.' }),
});

/** A validated configuration. Holds a secret: never log it. */
export type PostgresConfig = z.infer<typeof configSchema>;
