/** A table as a user names it: with or without its schema. */
export interface TableName {
  schema: string | null;
  name: string;
}

/**
 * Writes a name so that {@link parseTableName} reads it back: quoted only where a dot, a quote or outer blanks are in it.
 *
 * @example formatTableName('public', 'Bills 🧾') === 'public.Bills 🧾'
 */
export function formatTableName(schema: string, name: string): string {
  return `${quoteIfNeeded(schema)}.${quoteIfNeeded(name)}`;
}

/**
 * Reads `name`, `schema.name` or `database.schema.name`, each part plain or in double quotes. Null where it is none of these.
 * Parts are taken as they stand; whether capitals are meant is decided by what the catalog has.
 */
export function parseTableName(text: string): TableName | null {
  const parts = text.match(/^(?:(?:"(?:[^"]|"")+"|[^".]+)(?:\.|$)){1,3}$/) ? splitParts(text) : null;
  if (!parts || text.endsWith('.')) return null;
  const name = parts.at(-1);
  return name === undefined ? null : { schema: parts.at(-2) ?? null, name };
}

function splitParts(text: string): string[] {
  return [...text.matchAll(/"((?:[^"]|"")+)"|([^".]+)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  );
}

function quoteIfNeeded(part: string): string {
  return /[".]|^\s|\s$/.test(part) ? `"${part.replaceAll('"', '""')}"` : part;
}
