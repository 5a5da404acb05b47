import { ConnectorError } from '@kalla/core';
import { GoogleAuth, JWT, PassThroughClient, type AuthClient } from 'google-auth-library';
import type { BigQueryConfig } from './config.ts';
import { readServiceAccountKey } from './service-account-key.ts';

/** What a token may be used for. The Storage Read API knows no narrower scope than BigQuery's own. */
const SCOPES = ['https://www.googleapis.com/auth/bigquery'];

export interface Identity {
  client: AuthClient;
  /** Who reads, as far as that is known without asking: the service account's address. */
  account: string | null;
}

/**
 * The client that signs requests.
 *
 * A service account's key signs its own short-lived token (AIP-4111), as Google's gRPC clients do: no token server is asked, so
 * no address in a pasted file is ever called.
 *
 * @throws ConnectorError `auth` where there is no key or the worker has no identity of its own.
 */
export async function signIn({ credentials }: BigQueryConfig): Promise<Identity> {
  if (credentials.kind === 'none') return { client: new PassThroughClient(), account: null };
  if (credentials.kind === 'application-default') return { client: await defaultClient(), account: null };
  const read = credentials.key === undefined ? null : readServiceAccountKey(credentials.key);
  if (!read?.ok) {
    throw new ConnectorError('auth', read?.sentence ?? 'The key of the service account is missing.', {
      field: 'credentials.key',
      hint: 'Paste the JSON key file: in the Google Cloud console IAM & Admin › Service Accounts › Keys › Add key.',
    });
  }
  const { client_email: email, private_key: key, private_key_id: keyId } = read.key;
  const client = new JWT({ email, key, scopes: SCOPES, ...(keyId ? { keyId } : {}) });
  client.useJWTAccessWithScope = true;
  return { client, account: email };
}

async function defaultClient(): Promise<AuthClient> {
  try {
    return await new GoogleAuth({ scopes: SCOPES }).getClient();
  } catch (error) {
    throw new ConnectorError('auth', 'The worker has no Google identity of its own here.', {
      field: 'credentials',
      hint:
        'On Google Cloud, give its machine or pod a service account; elsewhere, run "gcloud auth application-default login" or set ' +
        'GOOGLE_APPLICATION_CREDENTIALS for the worker. Or paste a service account key.',
      cause: new Error(error instanceof Error ? error.message : String(error)),
    });
  }
}
