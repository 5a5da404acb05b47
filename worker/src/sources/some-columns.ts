import type { ColumnInfo, Connection, ConnectorPlugin } from '@kalla/core';
import type { TaskSource } from '../task-contract.ts';

/** A source of which some columns are read; `all` says what it has, once a read of it is planned. */
export interface SomeColumns {
  source: TaskSource;
  all(): readonly ColumnInfo[] | null;
}

/**
 * The source with the columns that `choose` takes from all that it has; with all of them where it gives null. What a source
 * has shows in a first plan of the whole; a second one, on the same connection, asks for less.
 */
export function someColumns(
  source: TaskSource,
  choose: (all: readonly ColumnInfo[]) => readonly string[] | null,
): SomeColumns {
  let all: readonly ColumnInfo[] | null = null;
  const { plugin } = source;
  const narrowed: ConnectorPlugin = {
    apiVersion: plugin.apiVersion,
    config: plugin.config,
    fromUri: (uri) => plugin.fromUri(uri),
    toUri: (config, table) => plugin.toUri(config, table),
    async open(config, host) {
      const connection = await plugin.open(config, host);
      const plan: Connection['plan'] = async (request, operation) => {
        const whole = await connection.plan(request, operation);
        all = whole.columns;
        const columns = choose(all);
        return columns ? connection.plan({ ...request, columns: [...columns] }, operation) : whole;
      };
      return {
        check: (operation) => connection.check(operation),
        listTables: (query, operation) => connection.listTables(query, operation),
        describe: (table, operation) => connection.describe(table, operation),
        plan,
        read: (made, split, operation) => connection.read(made, split, operation),
        // Whether a connector explains is asked before it is called.
        ...(connection.explain && { explain: (...call) => connection.explain?.(...call) ?? Promise.resolve(null) }),
        [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
      } satisfies Connection;
    },
  };
  return { source: { ...source, plugin: narrowed }, all: () => all };
}
