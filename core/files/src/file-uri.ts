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
