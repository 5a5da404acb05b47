import { columnTypeOfDuckdb, quoteIdentifier, type ColumnType, type Note } from '@kalla/core';
import { isReservedName } from '@kalla/files';

/** How one column of the file is read. */
export interface Mapping {
  name: string;
  type: ColumnType;
  /** Type name in the file as DuckDB prints it. */
  sourceType: string;
  /** Expression over the file's column; the bare name where nothing is cast. */
  sql: string;
  /** True where the column is used as it lies. */
  asIs: boolean;
  note?: Note;
}

/** Types that have an exact counterpart which only needs a cast, and what happens to them. */
const WIDENED: Record<string, { type: ColumnType; cast: string; says: string }> = {
  HUGEINT: { type: 'text', cast: 'VARCHAR', says: 'is a 128-bit integer and is shown as text' },
  UHUGEINT: { type: 'text', cast: 'VARCHAR', says: 'is a 128-bit integer and is shown as text' },
  TIMESTAMP_S: { type: 'timestamp', cast: 'TIMESTAMP', says: '' },
  TIMESTAMP_MS: { type: 'timestamp', cast: 'TIMESTAMP', says: '' },
  TIMESTAMP_NS: { type: 'text', cast: 'VARCHAR', says: 'has nanoseconds and is shown as text, so that none is lost' },
  INTERVAL: { type: 'text', cast: 'VARCHAR', says: 'is a span of time and is shown as text' },
  'TIME WITH TIME ZONE': { type: 'text', cast: 'VARCHAR', says: 'is a time with a zone and is shown as text' },
  TIME_NS: { type: 'text', cast: 'VARCHAR', says: 'has nanoseconds and is shown as text, so that none is lost' },
};

/** Chooses the column type for a type of the file. Nested columns become JSON text. */
export function mapColumn(fileName: string, duckdbType: string): Mapping {
  if (!isReservedName(fileName)) return mapNamed(fileName, duckdbType);
  const mapping = mapNamed(fileName, duckdbType);
  const message = `The name "${fileName}" has a meaning of its own in Kalla; the column is called "${fileName}_2".`;
  return { ...mapping, name: `${fileName}_2`, asIs: false, note: { column: `${fileName}_2`, message } };
}

function mapNamed(name: string, duckdbType: string): Mapping {
  const source = quoteIdentifier(name);
  const note = (says: string): { note: Note } => ({
    note: { column: name, message: `Column "${name}" (${duckdbType}) ${says}.` },
  });
  const exact = columnTypeOfDuckdb(duckdbType);
  if (exact) return { name, type: exact, sourceType: duckdbType, sql: source, asIs: true };
  if (/^ENUM/.test(duckdbType) || duckdbType === 'JSON') {
    return { name, type: 'text', sourceType: duckdbType.slice(0, 60), sql: `CAST(${source} AS VARCHAR)`, asIs: false };
  }
  const widened = WIDENED[duckdbType];
  if (widened) {
    const sql = `CAST(${source} AS ${widened.cast})`;
    return {
      name,
      type: widened.type,
      sourceType: duckdbType,
      sql,
      asIs: false,
      ...(widened.says ? note(widened.says) : {}),
    };
  }
  if (/\]$|^(STRUCT|MAP|UNION|LIST|VARIANT)/.test(duckdbType)) {
    // to_json of NULL is the text "null"; a NULL cell stays NULL.
    const sql = `CASE WHEN ${source} IS NULL THEN NULL ELSE CAST(to_json(${source}) AS VARCHAR) END`;
    return {
      name,
      type: 'text',
      sourceType: duckdbType,
      sql,
      asIs: false,
      ...note('is nested and is shown as text in JSON'),
    };
  }
  const sql = `CAST(${source} AS VARCHAR)`;
  return { name, type: 'text', sourceType: duckdbType, sql, asIs: false, ...note('is shown as text') };
}
