import { z } from 'zod';
import { isCloudId } from './server-address.ts';

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/;

/** A request for a key that may only read, as Kibana's Dev Tools take it; also in the README. */
export const READ_ONLY_KEY =
  'POST /_security/api_key {"name":"kalla","role_descriptors":{"kalla":{"indices":[{"names":["invoices*"],' +
  '"privileges":["read","view_index_metadata"]}]}}}';
/** A role that may only read. */
export const READ_ONLY_ROLE =
  'PUT /_security/role/kalla {"indices":[{"names":["invoices*"],"privileges":["read","view_index_metadata"]}]}';

const apiKey = z
  .strictObject({
    kind: z.literal('api_key'),
    api_key: z
      .string()
      .trim()
      .min(1, 'Paste the API key.')
      .max(2000)
      .refine(
        (key) => /^[\x21-\x7e]*$/.test(key),
        'There is a space, a line break or another odd character in the API key. Copy it again.',
      )
      .meta({
        title: 'API key',
        description:
          'In Kibana: Stack Management, Security, API keys, Create; copy the value that is called "encoded". It is stored and ' +
          `never shown again. One that may only read is made in Dev Tools with:\n\n  ${READ_ONLY_KEY}`,
        writeOnly: true,
        format: 'password',
      }),
  })
  .meta({ title: 'API key', description: 'A key that may read the indices; the usual way.' });

const basic = z
  .strictObject({
    kind: z.literal('basic'),
    user: z
      .string()
      .min(1, 'Say which user.')
      .max(1000)
      .meta({
        title: 'User',
        description: `User of Elasticsearch or Kibana; one that may only read is best. A role for it is made in Dev Tools with:\n\n  ${READ_ONLY_ROLE}`,
        examples: ['kalla'],
      }),
    password: z.string().min(1, 'Fill in the password.').max(1000).meta({
      title: 'Password',
      description: 'Password of that user. It is stored and never shown again.',
      writeOnly: true,
      format: 'password',
    }),
  })
  .meta({ title: 'User and password', description: 'The name and password that someone signs in to Kibana with.' });

const none = z
  .strictObject({ kind: z.literal('none') })
  .meta({ title: 'No sign-in', description: 'For a server whose security is switched off.' });

/** What an Elasticsearch source needs. Titles and descriptions draw the form. */
export const configSchema = z.strictObject({
  server: z
    .string()
    .trim()
    .min(1, 'Say which server: its address or its Cloud ID.')
    .max(2000)
    .refine((text) => !/^https?:\/\/[^/]*@/.test(text), 'Without user and password: they have fields of their own.')
    .refine(
      (text) => isCloudId(text) || (/^https?:\/\//.test(text) && URL.canParse(text)),
      'An address such as https://search.example.com:9200, or a Cloud ID.',
    )
    .meta({
      title: 'Address or Cloud ID',
      description:
        'Where Elasticsearch answers, with https:// and port, usually 9200; not the address of Kibana. In Elastic Cloud: ' +
        'open the deployment and copy the Elasticsearch endpoint or the Cloud ID. In Kibana: the "?" at the top, Connection details.',
      examples: ['https://search.example.com:9200'],
    }),
  auth: z
    .discriminatedUnion('kind', [apiKey, basic, none])
    .meta({ title: 'Sign-in', description: 'How Kalla signs in to Elasticsearch.' }),
  ca: z
    .string()
    .max(100_000)
    .refine((text) => PEM.test(text), 'Paste the text of the certificate, from -----BEGIN CERTIFICATE----- on.')
    .optional()
    .meta({
      title: 'Trusted certificate',
      description:
        'Text (PEM) of the authority that signed the server’s certificate: on a server of your own the file ' +
        'config/certs/http_ca.crt. Left empty: the authorities that Node.js trusts, right for Elastic Cloud.',
      contentMediaType: 'application/x-pem-file',
    }),
  decimal_fields: z
    .array(z.string().regex(/^[^\s].*:\d{1,2}$/, 'A field name, a colon and the number of places: price:2.'))
    .max(2000)
    .optional()
    .meta({
      title: 'Money in floating-point fields',
      description:
        'Names of float and double fields whose documents hold exact decimals, each with its number of places: price:2. They ' +
        'are read digit by digit from the documents, without rounding.',
    }),
  text_fields: z
    .array(z.string().min(1))
    .max(2000)
    .optional()
    .meta({
      title: 'Fields to read as text',
      description:
        'Names of fields that are read as they stand in the documents: for a field that sometimes holds a list, or values ' +
        'that do not fit its type.',
    }),
  odd_numbers: z
    .enum(['refuse', 'round'])
    .default('refuse')
    .meta({
      title: 'Numbers with more places than their field',
      description:
        'A document can hold 12.345 in a field of two places; Elasticsearch indexes 12.35. refuse: the read stops and names the ' +
        'document. round: the number is rounded as Elasticsearch does.',
    }),
  nanoseconds: z
    .enum(['text', 'microseconds'])
    .default('text')
    .meta({
      title: 'Times with nanoseconds',
      description:
        'How date_nanos fields are read. text: exactly, for example 2026-01-31T08:00:00.123456789Z. microseconds: as points in ' +
        'time, without what is finer than a microsecond.',
    }),
  timeout: z.number().int().min(1).max(600).default(30).meta({
    title: 'Seconds to wait',
    description: 'How long to wait for an answer of the server, in seconds.',
  }),
});

/** A validated configuration. Holds secrets: never log it. */
export type ElasticsearchConfig = z.infer<typeof configSchema>;
