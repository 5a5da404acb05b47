/** A piece of SQL text that is neither blank nor a comment. `start` and `end` are character positions, end exclusive. */
export interface SqlToken {
  kind: 'word' | 'quoted' | 'string' | 'symbol';
  text: string;
  start: number;
  end: number;
}

const TOKEN =
  /(?<skip>\s+|--[^\n\r]*|\/\*[\s\S]*?(?:\*\/|$))|(?<quoted>"(?:[^"]|"")*(?:"|$))|(?<string>\$((?:[\p{L}_][\p{L}\p{N}_]*)?)\$[\s\S]*?(?:\$\4\$|$)|[eE]'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|'(?:[^']|'')*(?:'|$))|(?<word>[\p{L}_][\p{L}\p{N}_$]*|\d[\w.]*)|(?<symbol>[\s\S])/gu;

/** Splits SQL into tokens. Only used for remarks and positions: what a statement means is decided on DuckDB's own parse tree. */
export function tokensOf(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (const match of sql.matchAll(TOKEN)) {
    const groups = match.groups!;
    const kind = (['quoted', 'string', 'word', 'symbol'] as const).find((name) => groups[name] !== undefined);
    if (kind) tokens.push({ kind, text: match[0], start: match.index, end: match.index + match[0].length });
  }
  return tokens;
}

/** The statement without semicolons and comments after its end, so that it can stand in parentheses. */
export function withoutTerminator(sql: string): string {
  const tokens = tokensOf(sql);
  while (tokens.at(-1)?.text === ';') tokens.pop();
  return sql.slice(0, tokens.at(-1)?.end ?? 0);
}

/** The position of DuckDB's syntax errors, which counts code points, in JavaScript's count. */
export function characterOfPoint(sql: string, points: number): number {
  return [...sql].slice(0, points).join('').length;
}

/** Places in DuckDB's parse tree are bytes of UTF-8; JavaScript counts UTF-16 units. */
export function characterAt(sql: string, byte: number): number {
  return Buffer.from(sql, 'utf8').subarray(0, byte).toString('utf8').length;
}

/** The character that DuckDB's "LINE 2: …" picture with a caret points at, or undefined. The picture may be cut at both ends. */
export function caretPosition(sql: string, message: string): number | undefined {
  const picture = /\nLINE (\d+): (.*)\n( *)\^/.exec(message);
  if (!picture) return undefined;
  const [, number, shown, indent] = picture as unknown as [string, string, string, string];
  const lines = sql.split('\n');
  const line = lines[Number(number) - 1];
  if (line === undefined) return undefined;
  const before = lines.slice(0, Number(number) - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const column = indent.length - `LINE ${number}: `.length;
  const lead = shown.startsWith('...') ? 3 : 0;
  const body = shown.slice(lead).replace(/\.\.\.$/, '');
  const at = lead ? line.indexOf(body) : 0;
  return at < 0 ? undefined : Math.min(sql.length, before + at + column - lead);
}
