import { afterColon, BrokenAnswer, eachItem, eachMember, skipSpace, skipString, skipValue } from './scan.ts';
import type { Cells } from './cells.ts';
import { PathNode } from './path-tree.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const LETTER_N = 0x6e;

/** One column of a page: where its values stand, and whether lists in it are kept as they are. */
export interface PageColumn {
  /** Dotted name in the document, or in what the server computes beside it; `_id` and `_index` for themselves. */
  path: string;
  from: 'document' | 'computed' | 'meta';
  /** Whole JSON is taken, lists and objects too. */
  isRaw: boolean;
}

/** Everything about a page but its rows. */
export interface PageHead {
  pitId: string | null;
  timedOut: boolean;
  shards: { failed: number; total: number; failures: Array<{ type: string; reason: string; status: number }> };
  /** How many documents there are in all, where it was asked for. */
  total: number | null;
  /** The sort values of the last document, as JSON, to go on after it. */
  after: string | null;
}

/**
 * Finds the cells of one page of a search in the bytes of the answer, without making an object of any document: numbers keep each
 * digit, and a page costs a few milliseconds.
 */
export class PageScanner {
  readonly #columns: readonly PageColumn[];
  readonly #document = new PathNode();
  readonly #computed = new PathNode(true);
  readonly #idColumn: number;
  readonly #indexColumn: number;
  #buffer: Buffer = Buffer.alloc(0);
  #cells: Cells[] = [];
  /** Where the cells of a page lie, by column; the next page uses them again. */
  #places: { from: Int32Array; to: Int32Array }[] = [];
  #row = 0;
  /** Names of fields whose value the server could not read, by row. */
  ignored = new Map<number, string[]>();
  /** Rows whose document the server did not send. */
  withoutDocument = 0;

  constructor(columns: readonly PageColumn[]) {
    this.#columns = columns;
    columns.forEach(({ path, from }, index) => {
      if (from === 'document') this.#document.add(path, index);
      else if (from === 'computed') this.#computed.add(path, index);
    });
    this.#idColumn = columns.findIndex(({ path, from }) => from === 'meta' && path === '_id');
    this.#indexColumn = columns.findIndex(({ path, from }) => from === 'meta' && path === '_index');
  }

  /**
   * Scans a page of at most `capacity` documents. The cells point into `buffer` and stand until the next page is scanned.
   * Throws {@link BrokenAnswer}.
   */
  scan(buffer: Buffer, capacity: number): { head: PageHead; rows: number; cells: Cells[] } {
    this.#buffer = buffer;
    this.#row = 0;
    this.ignored = new Map();
    this.withoutDocument = 0;
    if (capacity > (this.#places[0]?.from.length ?? 0))
      this.#places = this.#columns.map(() => ({ from: new Int32Array(capacity), to: new Int32Array(capacity) }));
    this.#cells = this.#places.map(({ from, to }) => ({ buffer, from: from.fill(-1), to, rows: 0, more: null }));
    const head: PageHead = {
      pitId: null,
      timedOut: false,
      shards: { failed: 0, total: 0, failures: [] },
      total: null,
      after: null,
    };
    const start = skipSpace(buffer, 0);
    if (buffer[start] !== OPEN_OBJECT) throw new BrokenAnswer('not JSON');
    let sawHits = false;
    eachMember(buffer, start, (nameFrom, nameTo, at) => {
      const name = buffer.toString('latin1', nameFrom, nameTo);
      if (name === 'hits') {
        sawHits = true;
        return this.#hits(at, head, capacity);
      }
      const end = skipValue(buffer, at);
      if (name === 'pit_id') head.pitId = this.#json(at, end) as string;
      else if (name === 'timed_out' || name === 'terminated_early') head.timedOut ||= this.#json(at, end) === true;
      else if (name === '_shards') head.shards = shardsOf(this.#json(at, end));
      return end;
    });
    if (!sawHits) throw new BrokenAnswer('no documents');
    for (const cells of this.#cells) cells.rows = this.#row;
    return { head, rows: this.#row, cells: this.#cells };
  }

  #json(from: number, to: number): unknown {
    return JSON.parse(this.#buffer.toString('utf8', from, to));
  }

  #hits(at: number, head: PageHead, capacity: number): number {
    const buffer = this.#buffer;
    return eachMember(buffer, at, (nameFrom, nameTo, value) => {
      const name = buffer.toString('latin1', nameFrom, nameTo);
      if (name === 'hits')
        return eachItem(buffer, value, (hit) => {
          if (this.#row >= capacity) throw new BrokenAnswer('more documents than were asked for');
          const end = this.#hit(hit, head);
          this.#row++;
          return end;
        });
      const end = skipValue(buffer, value);
      if (name === 'total') head.total = (this.#json(value, end) as { value: number }).value;
      return end;
    });
  }

  #hit(at: number, head: PageHead): number {
    const buffer = this.#buffer;
    let hasDocument = false;
    const end = eachMember(buffer, at, (nameFrom, nameTo, value) => {
      // The names that matter differ in their first two letters and their length.
      const second = buffer[nameFrom + 1];
      const length = nameTo - nameFrom;
      if (length === 7 && second === 0x73 && buffer[nameFrom] === 0x5f) {
        hasDocument = true;
        return this.#object(value, this.#document);
      }
      if (length === 6 && buffer[nameFrom] === 0x66) return this.#object(value, this.#computed);
      const end = skipValue(buffer, value);
      if (length === 3 && second === 0x69) this.#meta(this.#idColumn, value, end);
      else if (length === 6 && second === 0x69) this.#meta(this.#indexColumn, value, end);
      else if (length === 4 && buffer[nameFrom] === 0x73) head.after = buffer.toString('latin1', value, end);
      else if (length === 8 && second === 0x69) this.ignored.set(this.#row, this.#json(value, end) as string[]);
      return end;
    });
    if (!hasDocument) this.withoutDocument++;
    return end;
  }

  #meta(column: number, from: number, to: number): void {
    if (column < 0) return;
    const cells = this.#cells[column]!;
    cells.from[this.#row] = from;
    cells.to[this.#row] = to;
  }

  /** Walks an object of a document. Written without `eachMember`: this is where the time of a read goes. */
  #object(at: number, node: PathNode): number {
    const buffer = this.#buffer;
    const order = node.order;
    let expected = 0;
    let i = skipSpace(buffer, at + 1);
    if (buffer[i] === CLOSE_OBJECT) return i + 1;
    for (;;) {
      if (buffer[i] !== QUOTE) throw new BrokenAnswer('an object without a name');
      const nameFrom = i + 1;
      let entry = order[expected];
      let nameTo: number;
      if (entry && isAt(buffer, nameFrom, entry.bytes)) nameTo = nameFrom + entry.bytes.length;
      else {
        nameTo = skipString(buffer, i) - 1;
        entry = node.find(buffer, nameFrom, nameTo);
      }
      expected = entry.index + 1;
      const value = afterColon(buffer, nameTo + 1);
      i = skipSpace(buffer, entry.node ? this.#value(value, entry.node) : skipValue(buffer, value));
      if (buffer[i] === CLOSE_OBJECT) return i + 1;
      if (buffer[i] !== COMMA) throw new BrokenAnswer('an object that breaks off');
      i = skipSpace(buffer, i + 1);
    }
  }

  #value(at: number, node: PathNode): number {
    const buffer = this.#buffer;
    const first = buffer[at];
    const { column } = node;
    if (column >= 0 && this.#columns[column]!.isRaw) {
      const end = skipValue(buffer, at);
      if (first !== LETTER_N) this.#keep(column, at, end);
      return end;
    }
    if (first === OPEN_OBJECT && node.children.size > 0) return this.#object(at, node);
    if (first === OPEN_LIST) {
      if (node.children.size > 0) return eachItem(buffer, at, (item) => this.#value(item, node));
      if (column >= 0) return this.#list(column, at);
    }
    const end = skipValue(buffer, at);
    if (column >= 0 && first !== LETTER_N) this.#keep(column, at, end);
    return end;
  }

  /** A list of one is that one, a list of none is no value: Elasticsearch makes no difference. */
  #list(column: number, at: number): number {
    const buffer = this.#buffer;
    let count = 0;
    let from = 0;
    let to = 0;
    const end = eachItem(buffer, at, (item) => {
      const after = skipValue(buffer, item);
      if (buffer[item] !== LETTER_N) {
        count++;
        from = item;
        to = after;
      }
      return after;
    });
    if (count === 1 && buffer[from] === OPEN_LIST) this.#list(column, from);
    else if (count === 1) this.#keep(column, from, to);
    else if (count > 1) this.#keep(column, at, end);
    return end;
  }

  #keep(column: number, from: number, to: number): void {
    const cells = this.#cells[column]!;
    const row = this.#row;
    if (cells.from[row] === -1) {
      cells.from[row] = from;
      cells.to[row] = to;
      return;
    }
    cells.more ??= new Map();
    const others = cells.more.get(row);
    if (others) others.push([from, to]);
    else cells.more.set(row, [[from, to]]);
  }
}

/** True where these bytes and a closing quote stand at a place. */
function isAt(buffer: Uint8Array, at: number, bytes: Uint8Array): boolean {
  const { length } = bytes;
  if (buffer[at + length] !== QUOTE) return false;
  for (let i = 0; i < length; i++) if (buffer[at + i] !== bytes[i]) return false;
  return true;
}

function shardsOf(json: unknown): PageHead['shards'] {
  const {
    failed = 0,
    total = 0,
    failures = [],
  } = json as {
    failed?: number;
    total?: number;
    failures?: Array<{ status?: number; reason?: { type?: string; reason?: string } }>;
  };
  return {
    failed,
    total,
    failures: failures.map(({ status = 0, reason }) => ({
      status,
      type: reason?.type ?? '',
      reason: reason?.reason ?? '',
    })),
  };
}
