export type TokenKind = 'keyword' | 'name' | 'text' | 'number' | 'comment' | 'other';
export interface Token {
  kind: TokenKind;
  text: string;
}

const KEYWORDS = new Set(
  (
    'select distinct from join inner left right full outer cross on using where group by having order limit offset union all except ' +
    'intersect with as and or not in is null between like ilike case when then else end exists cast qualify over partition rows range ' +
    'interval true false asc desc nulls first last values recursive filter day'
  ).split(' '),
);
const TOKEN =
  /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^']|'')*(?:'|$))|("(?:[^"]|"")*(?:"|$))|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([\p{L}_][\p{L}\p{N}_]*)|(\s+|[\s\S])/gu;

/** Parts SQL for its colours. All parts together are the text, whatever it is: nothing is lost in a half-written query. */
export function sqlTokens(sql: string): Token[] {
  const tokens: Token[] = [];
  for (const [text, comment, literal, quoted, number, word] of sql.matchAll(TOKEN)) {
    const kind: TokenKind = comment
      ? 'comment'
      : literal
        ? 'text'
        : quoted
          ? 'name'
          : number
            ? 'number'
            : word && KEYWORDS.has(word.toLowerCase())
              ? 'keyword'
              : 'other';
    const before = tokens.at(-1);
    if (before?.kind === 'other' && kind === 'other') before.text += text;
    else tokens.push({ kind, text });
  }
  return tokens;
}

/** Line and column, both from 1, of a 0-based character. */
export function placeInSql(sql: string, position: number): { line: number; column: number } {
  const before = sql.slice(0, position).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
