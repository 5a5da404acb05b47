import type { ColumnInfo, ConnectorPlugin, RowFilter } from '@kalla/core';

/** A cell as text, spelled as API.md does ("Cells in JSON"), or null. See `spellCell`. */
export type Cell = string | null;

/** One table of the source: where it is, and what is in it. */
export interface TableFixture<C> {
  /** Absent for a source with exactly one table. */
  table?: string;
  /** Where it needs another configuration than the working one, as a file does. */
  config?: C;
}

/** A table whose every cell is known. It holds at least what `exactCells` asks for. */
export interface ExactFixture<C> extends TableFixture<C> {
  /** Every column with the type it must be read as. */
  columns: readonly Pick<ColumnInfo, 'name' | 'type'>[];
  /** Every row, in any order, each in the order of the columns. */
  rows: readonly (readonly Cell[])[];
}

/** A condition, and how many rows of the exact table meet it. */
export interface FilterFixture {
  filter: RowFilter;
  rows: number;
}

/** Why a check cannot be made of a source: a file has no password. It stands in the name of the test, so that nobody overlooks it. */
export interface NotApplicable {
  notApplicable: string;
}

/**
 * What the kit has to know of a connector and of the real source that it reads. Nothing here is made up: every fixture is a
 * real table, file or index.
 */
export interface ConnectorSubject<C = unknown> {
  plugin: ConnectorPlugin<C>;
  /** A configuration that works. */
  config: C;
  /** The working configuration as a connection string, with its secret. */
  uri: string;
  /** Every secret that the configurations hold: none may stand in an error, a check step, a note, a log line or a URI. */
  secrets: readonly string[];
  fixtures: {
    exact: ExactFixture<C>;
    filters: readonly FilterFixture[];
    /** A table without a row, and the columns it has. */
    empty: ExactFixture<C>;
    /** A table that is not there. */
    missing: TableFixture<C>;
    wrongPassword: { config: C } | NotApplicable;
    deadHost: { config: C } | NotApplicable;
    /** A table of many rows, so large that it cannot be held in `boundedBytes`. */
    large: TableFixture<C> & { rows: number; boundedBytes: number };
    /** How many sessions, statements or cursors this connector has open on the source now. */
    openOnServer: (() => Promise<number>) | NotApplicable;
  };
}

export function isApplicable<T extends object>(fixture: T | NotApplicable): fixture is T {
  return !('notApplicable' in fixture);
}
