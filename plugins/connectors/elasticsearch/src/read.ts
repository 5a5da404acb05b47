import { ConnectorError, throwIfAborted, type Batch, type Operation, type Split } from '@kalla/core';
import { AnswerTooLarge, type Server } from './client.ts';
import { columnsGone } from './columns.ts';
import { BatchMaker } from './decode/batch.ts';
import { explainReason, toConnectorError } from './errors.ts';
import type { Cells } from './hits/cells.ts';
import { PageScanner, type PageHead } from './hits/page.ts';
import { BrokenAnswer } from './hits/scan.ts';
import { orWhatBecameOf } from './gone.ts';
import { readMapping } from './mapping.ts';
import type { Moment, Moments } from './moments.ts';
import { lastSort, PageRequests, PageTooLarge } from './page-requests.ts';
import { PageSize } from './page-size.ts';
import { definitionOf, sliceOf, type ElasticsearchPlan } from './plan.ts';

/**
 * Reads one split as Arrow batches, a page of documents each, all at the moment of the plan. While a page is taken apart the next
 * one is under way; no more is read ahead. Abort, an error, or leaving the loop ends the request and the moment.
 */
export async function* readSplit(
  server: Server,
  moments: Moments,
  plan: ElasticsearchPlan,
  split: Split,
  operation: Operation,
): AsyncGenerator<Batch, void, void> {
  const { table, columns } = plan.elasticsearch;
  throwIfAborted(operation.signal);
  const moment = await moments.enter(plan, table, () => assertUnchanged(server, plan, operation));
  // Ends the page under way too, when the reader leaves.
  const stop = new AbortController();
  const both: Operation = { signal: AbortSignal.any([operation.signal, stop.signal]) };
  let outcome: 'left' | 'finished' | 'failed' = 'left';
  try {
    throwIfAborted(operation.signal);
    const maker = new BatchMaker(columns, { table, odd: server.config.odd_numbers });
    for await (const page of pages(server, moment, plan, split, both)) {
      if (page.rows > 0) yield maker.make(page.cells, page.rows, page.idOf);
      throwIfAborted(operation.signal);
    }
    outcome = 'finished';
  } catch (error) {
    outcome = 'failed';
    const context = { config: server.config, address: server.address, table, signal: operation.signal };
    throw await orWhatBecameOf(server, table, toConnectorError(error, context), operation);
  } finally {
    stop.abort();
    await moments.leave(plan, moment, split.id, outcome === 'failed' || operation.signal.aborted);
  }
}

interface Page {
  rows: number;
  cells: Cells[];
  idOf(row: number): string;
}

async function* pages(
  server: Server,
  moment: Moment,
  plan: ElasticsearchPlan,
  split: Split,
  operation: Operation,
): AsyncGenerator<Page, void, void> {
  const { table, columns, limit } = plan.elasticsearch;
  const requests = new PageRequests(server, moment, plan, sliceOf(split), operation);
  const scanner = new PageScanner(requests.pageColumns);
  const size = new PageSize(columns.length);
  // How many documents this split has; the first answer says it.
  let expected: number | null = null;
  let read = 0;
  let ask = Math.min(size.next, limit ?? Infinity);
  if (ask === 0) return;
  let pending = requests.send(ask, null);
  const isEnd = (rows: number) => rows >= (limit ?? Infinity) || (expected !== null && rows >= expected);
  const goOn = (bytes: number, rows: number, after: string) => {
    size.seen(bytes, ask);
    ask = Math.min(size.next, (limit ?? Infinity) - rows);
    pending = requests.send(ask, after);
    // When the reader leaves, the page under way fails, and nobody waits for it.
    pending.catch(() => undefined);
  };
  for (;;) {
    let answer: Buffer;
    try {
      answer = await pending;
    } catch (error) {
      if (error instanceof AnswerTooLarge) ask = size.tooLarge(ask, table);
      else if (error instanceof PageTooLarge) ask = size.allowed(error.most);
      else throw error;
      pending = requests.send(ask, requests.after);
      continue;
    }
    const asked = ask;
    // The bytes of the last document are enough to ask for what comes after it, while this page is taken apart.
    const after = lastSort(answer);
    const isAhead = expected !== null && after !== null && !isEnd(read + asked);
    if (isAhead) goOn(answer.length, read + asked, after);
    const { head, rows, cells } = scan(scanner, answer, asked, server.address);
    requireWhole(head, table, server);
    if (head.pitId) moment.id = head.pitId;
    if (head.after !== after)
      throw new ConnectorError('bug', 'Elasticsearch wrote its documents in an order that is not known.');
    requireReadable(scanner, cells, requests, table);
    expected ??= head.total;
    read += rows;
    const isMore = rows === asked && after !== null && !isEnd(read);
    if (isMore && !isAhead) goOn(answer.length, read, after);
    yield {
      rows,
      cells: requests.slots.map((slot) => cells[slot]!),
      idOf: (row) => idOf(cells[requests.idSlot]!, row),
    };
    if (!isMore) break;
  }
  if (limit === null && expected !== null && read !== expected)
    throw new ConnectorError('transient', `"${table}" has ${expected} documents here, and ${read} were sent.`, {
      hint: 'Run it again; if it happens again, ask the operator of the server.',
    });
}

function scan(scanner: PageScanner, answer: Buffer, capacity: number, address: string) {
  try {
    return scanner.scan(answer, capacity);
  } catch (error) {
    if (!(error instanceof BrokenAnswer || error instanceof SyntaxError)) throw error;
    throw new ConnectorError('transient', `${address} sent an answer that broke off.`, {
      hint: 'Try again; if it happens again, ask the operator of the server.',
      cause: error,
    });
  }
}

/** Elasticsearch answers 200 also where parts of the index failed or it ran out of time: such a page lacks rows. */
function requireWhole({ shards, timedOut }: PageHead, table: string, server: Server): void {
  if (shards.failed > 0) {
    const { status = 503, type = '', reason = '' } = shards.failures[0] ?? {};
    const { kind, sentence, ...details } = explainReason(status, type, reason, {
      config: server.config,
      address: server.address,
      table,
    });
    const part = `${shards.failed} of ${shards.total} parts of "${table}" could not be read, so rows would be missing.`;
    throw new ConnectorError(kind === 'bug' ? 'transient' : kind, `${part} ${sentence}`, details);
  }
  if (timedOut)
    throw new ConnectorError('transient', `The server broke a page of "${table}" off, so rows would be missing.`, {
      hint: 'Try again at a quieter hour.',
    });
}

/** A date that Elasticsearch could not read is in no index and would come as empty; a document that is not sent, as a row of NULL. */
function requireReadable(scanner: PageScanner, cells: Cells[], requests: PageRequests, table: string): void {
  const id = (row: number) => idOf(cells[requests.idSlot]!, row);
  if (scanner.withoutDocument > 0 && requests.needsDocument)
    throw new ConnectorError('config', `"${table}" did not give its documents (_source), so they cannot be read.`, {
      field: 'table',
      hint: 'The sign-in may not see whole documents, or the index does not keep them.',
    });
  for (const [row, names] of scanner.ignored)
    for (const name of names)
      if (requests.computed.has(name))
        throw new ConnectorError(
          'type',
          `"${table}", document "${id(row)}", field "${name}": Elasticsearch could not read its value.`,
          {
            field: 'text_fields',
            hint: `Mend the document, or name "${name}" under "Fields to read as text" in the settings of the source.`,
            faults: [{ column: name, message: `The value could not be read (document ${id(row)}).` }],
          },
        );
}

function idOf({ buffer, from, to }: Cells, row: number): string {
  return from[row]! < 0 ? '?' : (JSON.parse(buffer.toString('utf8', from[row], to[row])) as string);
}

/** Between plan and read an alias may be given to another index, and days may lie: what has changed is named before a row is read. */
async function assertUnchanged(
  server: Server,
  { elasticsearch }: ElasticsearchPlan,
  operation: Operation,
): Promise<void> {
  const { table, columns, definition } = elasticsearch;
  const now = await readMapping(server, table, operation);
  if (definitionOf(now) === definition) return;
  const present = new Map(now.leaves.map((leaf) => [leaf.path, leaf]));
  const missing = columns.filter(({ leaf }) => leaf && !present.has(leaf.path)).map(({ path }) => path);
  if (missing.length) throw columnsGone(table, missing, [...present.keys()]);
  for (const { leaf, path, sourcePath } of columns) {
    if (!leaf || path !== sourcePath) continue;
    if (JSON.stringify(present.get(path)!.definitions) === JSON.stringify(leaf.definitions)) continue;
    throw new ConnectorError(
      'schema-changed',
      `"${table}": field "${path}" is defined in another way than when the read was planned.`,
      { hint: 'Run it again; the new type is then taken up.' },
    );
  }
}
