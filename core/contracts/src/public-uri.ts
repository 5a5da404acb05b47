/** Query fields of signed addresses: whoever has them may read the file, so they are secrets. */
const SIGNATURE =
  /^(x-amz-(signature|credential|security-token)|x-goog-(signature|credential)|sig|signature|token|access[_-]?token|auth|jwt|key|api[_-]?key|access[_-]?key|secret|pass(word)?|pwd|code)$/i;

/**
 * The address without passwords and signatures: what may be shown and logged. A text that is no address, or holds no secret,
 * comes back as it is.
 *
 * @example
 * publicUri('https://ada:pw@bank.example/a.csv?sig=x&v=1') === 'https://bank.example/a.csv?v=1';
 */
export function publicUri(uri: string): string {
  if (!URL.canParse(uri)) return uri;
  const url = new URL(uri);
  const secrets = [...url.searchParams.keys()].filter((name) => SIGNATURE.test(name));
  if (!url.username && !url.password && secrets.length === 0) return uri;
  url.username = '';
  url.password = '';
  for (const name of secrets) url.searchParams.delete(name);
  return url.toString();
}
