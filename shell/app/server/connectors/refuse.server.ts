import { ProblemError } from '@kalla/core';

/** A package that is not installed, with the sentence that says why. Nothing has changed. */
export function refuse(sentence: string, cause?: unknown): ProblemError {
  return new ProblemError('validation', sentence, undefined, cause);
}

/** A size that a person can read. */
export function sizeInWords(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let size = bytes;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${Number.isInteger(size) ? size : size.toFixed(1)} ${units[unit]}`;
}

/**
 * Takes out of npm's words what must never be seen: tokens of its configuration, passwords in addresses, query strings.
 *
 * @example
 * withoutSecrets('GET https://ada:s3cret@npm.acme.example/x') === 'GET https://npm.acme.example/x';
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*@/gi, '$1')
    .replace(/\bnpm_[A-Za-z0-9]{8,}/g, '***')
    .replace(/((?:_authToken|_auth|_password|token|otp|certfile|keyfile)["']?\s*[=:]\s*)[^\s,;&]+/gi, '$1***')
    .replace(/\b(bearer|basic)\s+[^\s"',]+/gi, '$1 ***')
    .replace(/(https?:\/\/[^\s?"']*)\?[^\s"']*/gi, '$1');
}
