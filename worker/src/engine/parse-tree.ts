import type { Engine } from './engine.ts';

/** A node of the tree that DuckDB's `json_serialize_sql` makes. Its fields differ by `type` and `class`. */
export interface SqlNode {
  type?: string;
  class?: string;
  query_location?: number;
  [field: string]: unknown;
}

export type ParseOutcome =
  | { ok: true; statements: { node: SqlNode }[] }
  | { ok: false; kind: 'parser' | 'not-select' | 'other'; message: string; point?: number };

/** Parses SQL as DuckDB does. Only SELECT can be serialized: PRAGMA, CALL, COPY, EXPLAIN and all that changes data fail here. */
export async function parseSelect(engine: Engine, sql: string): Promise<ParseOutcome> {
  const rows = await engine.rows('SELECT json_serialize_sql($1::VARCHAR)', { values: [sql] });
  let parsed: {
    error: boolean;
    error_type?: string;
    error_message?: string;
    position?: string;
    statements?: { node: SqlNode }[];
  };
  try {
    parsed = JSON.parse(String(rows[0]![0])) as typeof parsed;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The one thing DuckDB writes that is no JSON: a number beyond the range of DOUBLE, as Infinity.
    return { ok: false, kind: 'other', message: 'a number in it is too large' };
  }
  if (!parsed.error) return { ok: true, statements: parsed.statements ?? [] };
  const message = parsed.error_message ?? '';
  const kind = parsed.error_type === 'parser' ? 'parser' : /Only SELECT/.test(message) ? 'not-select' : 'other';
  return { ok: false, kind, message, point: parsed.position === undefined ? undefined : Number(parsed.position) };
}

/** True for two trees that mean the same: only the places in the text may differ. */
export function sameTree(a: SqlNode, b: SqlNode): boolean {
  const text = (node: SqlNode) =>
    JSON.stringify(node, (key, value: unknown) => (key === 'query_location' ? undefined : value));
  return text(a) === text(b);
}

/** The other way round: the SQL text of one SELECT node. */
export async function deparse(engine: Engine, node: SqlNode): Promise<string> {
  // A node without a place has the largest 64-bit number there, which JavaScript rounds to one that is too large.
  const json = JSON.stringify({ error: false, statements: [{ node, named_param_map: [] }] }, (key, value: unknown) =>
    key === 'query_location' ? 0 : value,
  );
  const rows = await engine.rows('SELECT json_deserialize_sql($1::JSON)', { values: [json] });
  return String(rows[0]![0]);
}

export const isNode = (value: unknown): value is SqlNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every object of a tree, parents first. */
export function* nodesOf(value: unknown): Generator<SqlNode> {
  if (Array.isArray(value)) for (const item of value) yield* nodesOf(item);
  else if (isNode(value)) {
    yield value;
    for (const child of Object.values(value)) if (typeof child === 'object') yield* nodesOf(child);
  }
}

/** Names and queries of the WITH clause of a query node. */
export function ctesOf(node: SqlNode): { name: string; query: SqlNode; entry: SqlNode }[] {
  const map = (node['cte_map'] as { map?: { key: string; value: SqlNode }[] } | undefined)?.map ?? [];
  return map.map(({ key, value }) => ({
    name: key,
    query: (value['query'] as { node: SqlNode }).node,
    entry: value,
  }));
}
