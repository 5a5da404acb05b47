import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

/** Settings of a limit's DuckDB: what a careful person would set by hand, nothing else. */
export const LIMIT_SETTINGS = { memory_limit: '2GB', TimeZone: 'UTC' } as const;

/** Runs `work` on a DuckDB of its own and closes it afterwards. */
export async function withDuckdb<T>(
  settings: Record<string, string>,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    try {
      for (const [name, value] of Object.entries(settings)) await connection.run(`SET ${name} = '${value}'`);
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** The first row of a query as text by column name; NULL is null. Whole numbers of any size and decimals keep every digit. */
export async function firstRow(connection: DuckDBConnection, sql: string): Promise<Record<string, string | null>> {
  const reader = await connection.runAndReadAll(`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${sql})`);
  const row = reader.getRowObjectsJson()[0];
  if (!row) throw new Error(`The query has no row: ${sql}`);
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]));
}
