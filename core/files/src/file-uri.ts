/** Query fields of signed addresses: whoever has them may read the file, so they are secrets. */
const SIGNATURE =
  /^(x-amz-(signature|credential|security-token)|x-goog-(signature|credential)|sig|signature|token|access_token|key|apikey|api_key)$/i;

/** The address without passwords and signatures: what may be shown and logged. */
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

/** The last part of the address's path, decoded; undefined where there is none. */
export function filenameOf(uri: string): string | undefined {
  const path = URL.canParse(uri) ? new URL(uri).pathname : uri;
  const last = path.split('/').at(-1);
  if (!last) return undefined;
  try {
    return decodeURIComponent(last);
  } catch (error) {
    // A name with a lone percent sign is not encoded: it is the name.
    if (error instanceof URIError) return last;
    throw error;
  }
}
