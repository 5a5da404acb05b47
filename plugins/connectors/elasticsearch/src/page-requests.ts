import { ConnectorError, type Operation } from '@kalla/core';
import { ANSWER_LIMIT, type Server } from './client.ts';
import type { PlannedColumn } from './columns.ts';
import { reasonOf, toConnectorError } from './errors.ts';
import { GrowingBytes } from './growing-bytes.ts';
import type { PageColumn } from './hits/page.ts';
import { KEEP_ALIVE, type Moment } from './moments.ts';
import type { ElasticsearchPlan } from './plan.ts';

/** Fields that the server may be asked for in its columnar form at once, unless it was set up otherwise. */
const MOST_DOCVALUES = 100;
/** A server that is too busy for a page is asked again after these many milliseconds; then it is an error. */
const RETRY_MS = [250, 1000, 3000];
/** Values that the server may write anew without changing them, when it sends a part of a document only. */
const COPIED_EXACTLY = new Set(['text', 'boolean', 'integer']);
const SORT = Buffer.from('"sort":');

/** The requests for the pages of one split. */
export class PageRequests {
  /** What a scanner has to find, each once, and the id of each document, for messages. */
  readonly pageColumns: PageColumn[] = [];
  /** Where in it each column of the plan is: another name for a field is in the same place. */
  readonly slots: number[];
  readonly idSlot: number;
  /** Columns that the server computes. */
  readonly computed: ReadonlySet<string>;
  readonly needsDocument: boolean;
  /** Sort values that the last page was asked to come after. */
  after: string | null = null;
  readonly #server: Server;
  readonly #moment: Moment;
  readonly #plan: ElasticsearchPlan;
  readonly #operation: Operation;
  readonly #fixed: string;
  /**
   * One page is taken apart while the next is under way, and there are never more. Pages of some megabytes in memory of their own made
   * the garbage collector go through everything alive at each of them: a fifth of the time of a read.
   */
  readonly #memories = [new GrowingBytes(), new GrowingBytes()] as const;
  #sent = 0;

  constructor(
    server: Server,
    moment: Moment,
    plan: ElasticsearchPlan,
    slice: { id: number; max: number } | null,
    operation: Operation,
  ) {
    this.#server = server;
    this.#moment = moment;
    this.#plan = plan;
    this.#operation = operation;
    const { columns, query } = plan.elasticsearch;
    const known = new Map<string, number>();
    this.slots = columns.map((column) => {
      const found = pageColumn(column);
      const key = JSON.stringify(found);
      if (!known.has(key)) known.set(key, this.pageColumns.push(found) - 1);
      return known.get(key)!;
    });
    // A second `_id` would take the place of the first.
    const id: PageColumn = { path: '_id', from: 'meta', isRaw: false };
    const at = known.get(JSON.stringify(id));
    if (at === undefined) this.pageColumns.push(id);
    this.idSlot = at ?? this.pageColumns.length - 1;
    const byServer = columns.filter(({ meta, mapping }) => meta === null && mapping.from !== 'source');
    this.computed = new Set(byServer.map(({ path }) => path));
    const fromDocument = columns.filter(({ meta, mapping }) => meta === null && mapping.from === 'source');
    this.needsDocument = fromDocument.length > 0;
    const docvalues = byServer.filter(({ mapping }) => mapping.from === 'docvalue').slice(0, MOST_DOCVALUES);
    const others = byServer.filter((column) => !docvalues.includes(column));
    const asked = ({ path, mapping: { codec } }: PlannedColumn) =>
      /^(instant|day|nanos)$/.test(codec) ? { field: path, format: 'epoch_millis' } : { field: path };
    this.#fixed = JSON.stringify({
      query,
      sort: [{ _shard_doc: 'asc' }],
      _source: sourceOf(fromDocument),
      ...(docvalues.length ? { docvalue_fields: docvalues.map(asked) } : {}),
      ...(others.length ? { fields: others.map(asked) } : {}),
      ...(slice ? { slice } : {}),
    }).slice(1, -1);
  }

  /** A page of at most `size` documents after these sort values. Its bytes stand until the next but one is asked for. */
  async send(size: number, after: string | null): Promise<Buffer> {
    this.after = after;
    const pit = JSON.stringify({ id: this.#moment.id, keep_alive: KEEP_ALIVE });
    const next = after === null ? '' : `,"search_after":${after}`;
    const body = `{"size":${size},"track_total_hits":${after === null},"pit":${pit}${next},${this.#fixed}}`;
    const memory = this.#memories[this.#sent++ % 2]!;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#exchange(body, memory);
      } catch (error) {
        const wait = RETRY_MS[attempt];
        if (!ConnectorError.is(error) || error.kind !== 'rate-limit' || wait === undefined) throw error;
        await pause(wait, this.#operation.signal);
      }
    }
  }

  async #exchange(body: string, memory: GrowingBytes): Promise<Buffer> {
    const { table } = this.#plan.elasticsearch;
    const answer = await this.#server.send(
      {
        method: 'POST',
        path: '/_search',
        query: { allow_partial_search_results: false },
        body,
        table,
        limit: ANSWER_LIMIT,
        memory,
        accept: [400],
      },
      this.#operation,
    );
    if (answer.status !== 400) return answer.body;
    const most = /Result window is too large.*?less than or equal to: \[(\d+)\]/s.exec(reasonOf(answer).reason)?.[1];
    if (most) throw new PageTooLarge(Number(most));
    const { config, address } = this.#server;
    throw toConnectorError(answer, { config, address, table, signal: this.#operation.signal });
  }
}

/** The index allows no page of so many documents (index.max_result_window). */
export class PageTooLarge extends Error {
  override readonly name = 'PageTooLarge';
  readonly most: number;

  constructor(most: number) {
    super(`at most ${most}`);
    this.most = most;
  }
}

/** The whole document as its bytes are stored, unless only values are needed that come out the same when they are written anew. */
function sourceOf(columns: readonly PlannedColumn[]): boolean | { includes: string[] } {
  if (columns.length === 0) return false;
  const isSmall =
    columns.length <= 20 && columns.every(({ mapping, leaf }) => isCopied(mapping.codec, leaf?.definitions));
  return isSmall ? { includes: columns.map(({ sourcePath }) => sourcePath) } : true;
}

function isCopied(codec: string, definitions: ReadonlyArray<{ type?: string }> = []): boolean {
  // A text field may hold numbers, which are then read as they are written.
  return COPIED_EXACTLY.has(codec) && codec !== 'text' && definitions.every(({ type }) => type !== 'unsigned_long');
}

function pageColumn({ meta, path, sourcePath, mapping }: PlannedColumn): PageColumn {
  if (meta !== null) return { path: meta, from: 'meta', isRaw: false };
  return mapping.from === 'source'
    ? { path: sourcePath, from: 'document', isRaw: mapping.codec === 'json' }
    : { path, from: 'computed', isRaw: false };
}

/** The sort values of the last document of a page, as JSON; null where there is none. A quote in a text is written `\"`. */
export function lastSort(answer: Buffer): string | null {
  const at = answer.lastIndexOf(SORT);
  if (at === -1) return null;
  const from = answer.indexOf('[', at);
  const to = answer.indexOf(']', from);
  return from === -1 || to === -1 ? null : answer.toString('latin1', from, to + 1);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
