import { z } from 'zod';
import { messages } from './messages.ts';
import { readServiceAccountKey } from './service-account-key.ts';

const PROJECT = /^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const fields = messages.fields;

const projectSchema = () => z.string().trim().regex(PROJECT, messages.notAProject);

const credentialsSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('service-account'),
        key: z
          .string()
          .trim()
          .max(20_000)
          .refine((text) => readServiceAccountKey(text).ok, { error: (issue) => whyNot(issue.input) })
          .optional()
          .meta({ ...fields.key, writeOnly: true, contentMediaType: 'application/json' }),
      })
      .meta(fields.serviceAccount),
    z.strictObject({ kind: z.literal('application-default') }).meta({ title: fields.applicationDefault.title }),
    z.strictObject({ kind: z.literal('none') }).meta({ title: fields.none.title }),
  ])
  .meta(fields.credentials);

/** What a BigQuery source needs. Titles and descriptions draw the form; the service account's key is the only secret. */
export const configSchema = z
  .strictObject({
    project: projectSchema().meta({ ...fields.project, examples: ['acme-finance'] }),
    dataset: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9_]{1,1024}$/, messages.notADataset)
      .optional()
      .meta({ ...fields.dataset, examples: ['ledger'] }),
    credentials: credentialsSchema,
    billing_project: projectSchema().optional().meta(fields.billingProject),
    text_columns: z.array(z.string().min(1)).max(2000).optional().meta(fields.textColumns),
    bignumeric_places: z.number().int().min(0).max(38).optional().meta(fields.bignumericPlaces),
    endpoint: z
      .url({ protocol: /^https?$/, error: messages.notAnEndpoint })
      .max(500)
      .optional()
      .meta(fields.endpoint),
    storage_endpoint: z
      .string()
      .trim()
      .regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]{1,253}):\d{1,5}$/, messages.notAStorageEndpoint)
      .optional()
      .meta(fields.storageEndpoint),
    connect_timeout: z.number().int().min(1).max(120).default(10).meta(fields.connectTimeout),
  })
  .superRefine((config, context) => {
    const fault = endpointFault(config.endpoint, config.credentials.kind);
    if (fault) context.addIssue({ code: 'custom', path: ['endpoint'], message: fault });
  });

/** A validated configuration. Holds a secret: never log it. */
export type BigQueryConfig = z.infer<typeof configSchema>;

/**
 * Why an address may not be used with these credentials, or null. A token that went over plain http, or the worker's own
 * identity that went to an address which anyone may enter, would be given away.
 */
function endpointFault(endpoint: string | undefined, kind: BigQueryConfig['credentials']['kind']): string | null {
  if (endpoint === undefined) return kind === 'none' ? messages.noneNeedsEndpoint : null;
  // What is no http address has its sentence at the field already, and this runs all the same.
  if (!URL.canParse(endpoint)) return null;
  const url = new URL(endpoint);
  if (!/^https?:$/.test(url.protocol)) return null;
  if (url.username || url.password || url.search || url.hash) return messages.notAnEndpoint;
  const loopback = isLoopback(url.hostname);
  if (kind !== 'none' && url.protocol === 'http:' && !loopback) return messages.httpWithCredentials;
  if (
    kind === 'application-default' &&
    !loopback &&
    !/(^|\.)googleapis\.com$|\.p\.googleapis\.com$/i.test(url.hostname)
  )
    return messages.defaultCredentialsElsewhere;
  return null;
}

/** True for this machine's own addresses. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

function whyNot(input: unknown): string {
  const read = readServiceAccountKey(String(input));
  return read.ok ? '' : read.sentence;
}
