import { createPrivateKey } from 'node:crypto';
import { messages } from './messages.ts';

/** The parts of a service account's key file that are used. */
export interface ServiceAccountKey {
  client_email: string;
  private_key: string;
  private_key_id?: string;
  project_id?: string;
}

/**
 * Reads a pasted key file. Only keys of service accounts are taken: the other kinds of Google credential files name addresses
 * to call or programs to start, which nobody who fills in a form may choose. `token_uri` and the like are never used.
 */
export function readServiceAccountKey(
  text: string,
): { ok: true; key: ServiceAccountKey } | { ok: false; sentence: string } {
  const fault = (sentence: string) => ({ ok: false as const, sentence });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fault(messages.keyNotJson); // Without the cause: Node quotes the text in it.
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fault(messages.keyNotJson);
  const file = value as Record<string, unknown>;
  if (file['type'] !== 'service_account') return fault(messages.keyOfOtherKind(file['type']));
  const { client_email: email, private_key: pem } = file;
  if (typeof email !== 'string' || !/^[^@\s]{1,200}@[^@\s]{1,200}$/.test(email))
    return fault(messages.keyWithout('client_email'));
  if (typeof pem !== 'string' || !isPrivateKey(pem)) return fault(messages.keyWithout('private_key'));
  const optional = (name: string) => (typeof file[name] === 'string' ? { [name]: file[name] } : {});
  return {
    ok: true,
    key: { client_email: email, private_key: pem, ...optional('private_key_id'), ...optional('project_id') },
  };
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false; // Said in words by the caller; the cause would quote the key.
  }
}
