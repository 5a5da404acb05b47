/** Longest alias; the same as `aliasSchema` of the contracts, which would bring all schemas along. */
const longest = 63;

/** True for a name that works unquoted on both engines. */
export function isAlias(text: string): boolean {
  return /^[a-z_][a-z0-9_]{0,62}$/.test(text);
}

/**
 * A name for a source from that of its table or file, different from those that are taken.
 *
 * @example proposeAlias('public.Bank Statements', ['bank_statements']) === 'bank_statements_2'
 */
export function proposeAlias(table: string, taken: readonly string[]): string {
  const base = plain(lastPart(table)) || 'source';
  if (!taken.includes(base)) return base;
  for (let number = 2; ; number++) {
    const end = `_${number}`;
    const next = base.slice(0, longest - end.length) + end;
    if (!taken.includes(next)) return next;
  }
}

/** The name without schema or folder: `public."odd.name"` gives `odd.name`. */
function lastPart(table: string): string {
  const quoted = /"((?:[^"]|"")+)"$/.exec(table)?.[1];
  if (quoted !== undefined) return quoted.replaceAll('""', '"');
  return table.slice(Math.max(table.lastIndexOf('.'), table.lastIndexOf('/')) + 1);
}

function plain(text: string): string {
  const words = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const safe = /^\d/.test(words) ? `t_${words}` : words;
  return safe.slice(0, longest);
}

/**
 * What a file is called in its address, without folder, ending and query, for `proposeAlias`.
 *
 * @example fileLabel('https://example.com/2024/bank.march.csv.gz?sig=x') === 'bank_march'
 */
export function fileLabel(uri: string): string {
  const path = URL.canParse(uri) ? new URL(uri).pathname : uri;
  const name = path.split('/').at(-1) ?? '';
  let readable = name;
  try {
    readable = decodeURIComponent(name);
  } catch (error) {
    // A lone percent sign: the name is not encoded.
    if (!(error instanceof URIError)) throw error;
  }
  return readable
    .replace(/\.(gz|zip)$/i, '')
    .replace(/\.[a-z0-9]{1,7}$/i, '')
    .replaceAll('.', '_');
}
