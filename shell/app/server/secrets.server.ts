import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Seals and opens the secrets of sources. */
export interface SecretBox {
  /** `owner` is bound to the result: what was sealed for one source cannot be opened as another's. */
  seal(owner: string, secrets: Record<string, unknown>): string;
  open(owner: string, sealed: string): Record<string, unknown>;
}

/** AES-256-GCM with a fresh nonce for each seal. The key has 32 bytes. */
export function secretBox(key: Buffer): SecretBox {
  if (key.length !== 32) throw new Error('The key for secrets has to have 32 bytes.');
  return {
    seal(owner, secrets) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      cipher.setAAD(Buffer.from(owner));
      const data = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
      return `v1.${iv.toString('base64url')}.${cipher.getAuthTag().toString('base64url')}.${data.toString('base64url')}`;
    },
    open(owner, sealed) {
      const [version, iv = '', tag = '', data = ''] = sealed.split('.');
      if (version !== 'v1') throw new Error('A stored secret is of an unknown version.');
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'));
      decipher.setAAD(Buffer.from(owner));
      decipher.setAuthTag(Buffer.from(tag, 'base64url'));
      const text = Buffer.concat([decipher.update(Buffer.from(data, 'base64url')), decipher.final()]).toString('utf8');
      return JSON.parse(text) as Record<string, unknown>;
    },
  };
}

/** The key of a data folder, made on first use and readable by its owner only. */
export function keyOfFolder(dataDir: string): Buffer {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, 'secret.key');
  try {
    writeFileSync(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
  if (key.length !== 32)
    throw new Error(`${path} does not hold a key of 32 bytes. Restore it: without it stored secrets are lost.`);
  return key;
}
