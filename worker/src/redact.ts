/**
 * Takes the secrets out of a text that goes to the log: passwords in URIs, bearer tokens, `password=…` pairs, query strings.
 *
 * @example
 * redact('connect postgres://ada:s3cret@db/x') === 'connect postgres://ada:***@db/x';
 */
export function redact(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)([^\s/@:"']*):[^\s/"']*@/gi, '$1$2:***@')
    .replace(/(bearer\s+)[^\s"',]+/gi, '$1***')
    .replace(
      /((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|signature|credential)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s&,;"'}]+)/gi,
      '$1***',
    )
    .replace(/(https?:\/\/[^\s?"']*)\?[^\s"']*/gi, '$1?***');
}
