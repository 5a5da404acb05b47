/** The name of a package as it stands in a path: whole, with the slash of its scope encoded, or in two parts. */
export function packageParam(param: (name: string) => string): string {
  const scope = param('scope');
  return scope ? `${scope}/${param('package')}` : param('package');
}
