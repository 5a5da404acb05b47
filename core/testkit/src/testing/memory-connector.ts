import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConnectorError,
  throwIfAborted,
  type ColumnInfo,
  type Connection,
  type ConnectorHost,
  type ConnectorPlugin,
  type Operation,
  type ReadPlan,
  type ReadRequest,
  type RowFilter,
  type Split,
} from '@kalla/core';
import { batchOf } from '@kalla/core/arrow';
import { z } from 'zod';
import type { Cell, ConnectorSubject } from '../subject.ts';

/** A table of a small server in this process. */
interface Table {
  columns: ColumnInfo[];
  rows: number;
  row(index: number): Cell[];
}

const exactColumns: ColumnInfo[] = [
  { name: 'id', type: 'int64' },
  { name: 'amount', type: 'decimal(18,2)' },
  { name: 'note', type: 'text' },
  { name: 'at', type: 'timestamptz' },
];
const exactRows: Cell[][] = [
  ['9007199254740993', '-1204.50', '', '2026-01-31T08:00:00.000001Z'],
  ['2', '0.10', null, '1969-12-31T23:59:59Z'],
  ['3', null, '𝔸 "quoted"\n', null],
];
const LARGE_ROWS = 40_000;
const BATCH_ROWS = 2_000;

const tables: Record<string, Table> = {
  exact: { columns: exactColumns, rows: exactRows.length, row: (index) => exactRows[index]! },
  empty: { columns: exactColumns, rows: 0, row: () => [] },
  large: {
    columns: exactColumns,
    rows: LARGE_ROWS,
    row: (index) => [String(index), `${index}.00`, 'x'.repeat(200), null],
  },
};

const config = z.strictObject({
  host: z.string().meta({ title: 'Host' }),
  password: z.string().meta({ title: 'Password', writeOnly: true }),
});
type Config = z.infer<typeof config>;
const SECRET = 'correct horse battery';

/** What a test may break in the connector: each name is one fault that a real connector might have. */
export interface Faults {
  noWriteOnly?: boolean;
  secretInError?: boolean;
  secretInLog?: boolean;
  secretInUri?: boolean;
  uriChanges?: boolean;
  stepMissing?: boolean;
  deadIsTransient?: boolean;
  wrongKind?: boolean;
  noHint?: boolean;
  codeInMessage?: boolean;
  tableTwice?: boolean;
  searchFindsNothing?: boolean;
  roundsMoney?: boolean;
  roundsLargeNumbers?: boolean;
  nullIsEmpty?: boolean;
  dropsZone?: boolean;
  cutsAstral?: boolean;
  noColumnsWhenEmpty?: boolean;
  ignoresProjection?: boolean;
  ignoresLimit?: boolean;
  limitsBeforeFilter?: boolean;
  claimsFilter?: boolean;
  forgetsFilter?: boolean;
  losesLastSplit?: boolean;
  overlapsSplits?: boolean;
  ignoresAbort?: boolean;
  saysTransientOnAbort?: boolean;
  leaks?: boolean;
  readsAhead?: boolean;
}

/** A connector to the server above that keeps all its promises but those that `faults` names. */
export function memorySubject(faults: Faults = {}): ConnectorSubject<Config> {
  let open = 0;
  const plugin: ConnectorPlugin<Config> = {
    apiVersion: 1,
    config: faults.noWriteOnly
      ? z.strictObject({ host: config.shape.host, password: z.string().meta({ title: 'Password' }) })
      : config,
    fromUri(uri) {
      const url = new URL(uri);
      return {
        config: { host: url.hostname + (faults.uriChanges ? 'x' : ''), password: decodeURIComponent(url.password) },
        ...(url.searchParams.has('table') ? { table: url.searchParams.get('table')! } : {}),
      };
    },
    toUri: ({ host, password }, table) =>
      `memory://${faults.secretInUri ? `u:${encodeURIComponent(password)}@` : ''}${host}${table ? `?table=${table}` : ''}`,
    open: async (settings, host) => new MemoryConnection(settings, host, faults, (change) => (open += change)),
  };
  const exact = { table: 'exact', columns: exactColumns, rows: exactRows };
  const filter: RowFilter = { column: 'id', op: 'eq', value: '2' };
  return {
    plugin,
    config: { host: 'here', password: SECRET },
    uri: `memory://u:${encodeURIComponent(SECRET)}@here?table=exact`,
    secrets: [SECRET],
    fixtures: {
      exact,
      filters: [{ filter, rows: 1 }],
      empty: { table: 'empty', columns: exactColumns, rows: [] },
      missing: { table: 'missing' },
      wrongPassword: { config: { host: 'here', password: 'wrong' } },
      deadHost: { config: { host: 'dead', password: SECRET } },
      large: { table: 'large', rows: LARGE_ROWS, boundedBytes: 24 * 2 ** 20 },
      openOnServer: async () => open,
    },
  };
}

class MemoryConnection implements Connection {
  #held: unknown[] = [];
  #left = 0;

  constructor(
    private readonly settings: Config,
    private readonly host: ConnectorHost,
    private readonly faults: Faults,
    private readonly count: (change: number) => void,
  ) {}

  async *check(operation: Operation) {
    for (const step of ['reach', 'authenticate', 'authorise', 'read'] as const) {
      if (this.faults.stepMissing && step === 'authorise') continue;
      const failed =
        (step === 'reach' && this.settings.host === 'dead') ||
        (step === 'authenticate' && this.settings.password !== SECRET);
      throwIfAborted(operation.signal);
      const hint = failed && !this.faults.noHint ? { hint: 'Look at the settings.' } : {};
      yield { step, ok: !failed, ms: 1, message: failed ? 'That step has failed.' : 'That step is done.', ...hint };
      if (failed) return;
    }
  }

  async listTables({ q, cursor, limit = 100 }: { q?: string; cursor?: string; limit?: number }, operation: Operation) {
    await this.#connect(operation);
    let names = Object.keys(tables).filter((name) => !q || name.includes(q));
    if (this.faults.searchFindsNothing && q) names = [];
    if (this.faults.tableTwice) names.push(names[0]!);
    const from = Number(cursor ?? 0);
    return {
      items: names.slice(from, from + limit).map((name) => ({ id: name, name, kind: 'table' as const })),
      next: from + limit < names.length ? String(from + limit) : null,
    };
  }

  async describe(table: string | undefined, operation: Operation) {
    await this.#connect(operation);
    const { columns, rows } = this.#table(table);
    return {
      table: { id: table!, name: table!, kind: 'table' as const },
      columns: this.faults.noColumnsWhenEmpty && rows === 0 ? [] : columns,
      primaryKey: null,
      keyCandidates: [],
      rowCount: rows,
      notes: [],
    };
  }

  async plan({ table, columns, filter = [], limit }: ReadRequest, operation: Operation): Promise<ReadPlan> {
    await this.#connect(operation);
    const found = this.#table(table);
    const wanted = this.faults.ignoresProjection ? undefined : columns;
    const isLimited = filter.length === 0 ? !this.faults.ignoresLimit : this.faults.limitsBeforeFilter;
    const rows = limit !== undefined && isLimited ? Math.min(limit, found.rows) : found.rows;
    const half = Math.ceil(rows / 2);
    const second = this.faults.losesLastSplit ? [] : [{ id: `${table}:${half}:${rows}` }];
    return {
      columns: wanted ? wanted.map((name) => found.columns.find((column) => column.name === name)!) : found.columns,
      residual: this.faults.claimsFilter ? [] : this.faults.forgetsFilter ? filter.slice(1).concat(OTHER) : filter,
      splits: [{ id: `${table}:0:${this.faults.overlapsSplits ? Math.min(half + 1, rows) : half}` }, ...second],
      estimate: { rows, bytes: null },
      snapshot: true,
      notes: [],
    };
  }

  async *read(plan: ReadPlan, split: Split, { signal }: Operation) {
    const [name, from, to] = split.id.split(':') as [string, string, string];
    const table = tables[name]!;
    const at = plan.columns.map((column) => table.columns.findIndex(({ name: one }) => one === column.name));
    this.count(1);
    this.#left += 1;
    try {
      for (let start = Number(from); start < Number(to); start += BATCH_ROWS) {
        await sleep(0);
        if (!this.faults.ignoresAbort) {
          if (this.faults.saysTransientOnAbort && signal.aborted)
            throw new ConnectorError('transient', 'The connection broke off.');
          throwIfAborted(signal);
        }
        const rows = Array.from({ length: Math.min(BATCH_ROWS, Number(to) - start) }, (_, index) => {
          const row = table.row(start + index);
          return at.map((column, position) => this.#spoil(row[column] as Cell, plan.columns[position]!.type));
        });
        const batch = batchOf(plan.columns, rows);
        if (this.faults.readsAhead) this.#held.push(Array.from({ length: 20 }, () => new Uint8Array(200_000).fill(1)));
        yield batch;
      }
    } finally {
      if (!this.faults.leaks) {
        this.count(-1);
        this.#left -= 1;
      }
    }
  }

  async [Symbol.asyncDispose]() {
    this.#held = [];
    if (!this.faults.leaks) this.count(-this.#left);
  }

  #spoil(cell: Cell, type: string): Cell {
    const { faults } = this;
    if (cell === null) return faults.nullIsEmpty && type === 'text' ? '' : null;
    if (faults.roundsMoney && type.startsWith('decimal')) return cell.replace(/\.\d+$/, '.00');
    if (faults.roundsLargeNumbers && type === 'int64') return String(BigInt(Number(cell)));
    if (faults.dropsZone && type === 'timestamptz') return cell.replace('T08', 'T09');
    if (faults.cutsAstral && type === 'text') return cell.replace(/[\u{10000}-\u{10ffff}]/gu, '?');
    return cell;
  }

  #table(name: string | undefined): Table {
    const table = name === undefined ? undefined : tables[name];
    if (table) return table;
    throw new ConnectorError(
      this.faults.wrongKind ? 'bug' : 'not-found',
      this.faults.codeInMessage ? 'Error at read (memory.ts:12:3).' : `There is no table "${name}" on the server.`,
    );
  }

  async #connect({ signal }: Operation): Promise<void> {
    if (!this.faults.ignoresAbort) throwIfAborted(signal);
    const { host, password } = this.settings;
    if (this.faults.secretInLog) this.host.log.debug('connecting', { password });
    if (host === 'dead') {
      const kind = this.faults.deadIsTransient ? 'transient' : 'unreachable';
      throw new ConnectorError(kind, 'The server "dead" does not answer.');
    }
    if (password !== SECRET || this.faults.secretInError)
      throw new ConnectorError(
        'auth',
        this.faults.secretInError ? `The password "${password}" is refused.` : 'The server refuses the password.',
      );
  }
}

const OTHER: RowFilter = { column: 'id', op: 'not_null' };
