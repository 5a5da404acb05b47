import { fieldsOf, messageField, numberField, textField, textOf } from './protobuf.ts';

/**
 * The messages of `google.cloud.bigquery.storage.v1.BigQueryRead` that a read needs, by the numbers that their fields have there.
 * Google's own client for this interface makes descriptions of all its messages when it is made and loads a megabyte of
 * JavaScript: half a second of work for each read, for two calls.
 */
export const CREATE_READ_SESSION = '/google.cloud.bigquery.storage.v1.BigQueryRead/CreateReadSession';
export const READ_ROWS = '/google.cloud.bigquery.storage.v1.BigQueryRead/ReadRows';

/** `DataFormat.ARROW` */
const ARROW = 2;

export interface CreateReadSession {
  /** `projects/…`: who pays. */
  parent: string;
  /** `projects/…/datasets/…/tables/…` */
  table: string;
  columns: readonly string[];
  /** Condition in BigQuery's SQL. */
  where: string | null;
  streams: number;
}

/** A session holds one moment of a table for some hours. It costs nothing; the bytes that its streams deliver do. */
export interface ReadSession {
  streams: string[];
  /** The schema of all batches, as an Arrow IPC message. */
  header: Uint8Array;
  /** BigQuery's estimates, before the condition. */
  rows: number;
  bytes: number;
}

export interface ReadRows {
  stream: string;
  /** Rows of the stream that are left out. */
  offset: number;
}

/** A record batch of a stream. */
export interface RowsMessage {
  /** An Arrow IPC message. */
  bytes: Uint8Array;
  /** How many rows BigQuery says that it holds. */
  rows: number;
}

export function encodeCreateReadSession({ parent, table, columns, where, streams }: CreateReadSession): Buffer {
  const options = messageField(
    8,
    ...columns.map((column) => textField(1, column)),
    ...(where === null ? [] : [textField(2, where)]),
  );
  const session = messageField(2, numberField(3, ARROW), textField(6, table), options);
  return Buffer.concat([textField(1, parent), session, numberField(3, streams)]);
}

export function decodeReadSession(message: Uint8Array): ReadSession {
  const session: ReadSession = { streams: [], header: new Uint8Array(0), rows: 0, bytes: 0 };
  for (const field of fieldsOf(message)) {
    if (field.id === 5) session.header = bytesAt(1, field.bytes);
    else if (field.id === 10) session.streams.push(Buffer.from(bytesAt(1, field.bytes)).toString('utf8'));
    else if (field.id === 12) session.bytes = field.number;
    else if (field.id === 14) session.rows = field.number;
  }
  return session;
}

export function encodeReadRows({ stream, offset }: ReadRows): Buffer {
  return Buffer.concat([textField(1, stream), numberField(2, offset)]);
}

/** The bytes of the batch stay where they lie in the message. */
export function decodeRows(message: Uint8Array): RowsMessage {
  const answer: RowsMessage = { bytes: new Uint8Array(0), rows: 0 };
  for (const field of fieldsOf(message)) {
    if (field.id === 4) answer.bytes = bytesAt(1, field.bytes);
    else if (field.id === 6) answer.rows = field.number;
  }
  return answer;
}

/** The reason of a `google.rpc.ErrorInfo` in a `google.rpc.Status`, for example "SERVICE_DISABLED"; null where there is none. */
export function reasonOf(status: Uint8Array): string | null {
  for (const detail of fieldsOf(status)) {
    if (detail.id !== 3) continue;
    const parts = [...fieldsOf(detail.bytes)];
    const isInfo = parts.some((part) => part.id === 1 && textOf(part).endsWith('/google.rpc.ErrorInfo'));
    const info = parts.find((part) => part.id === 2);
    if (isInfo && info) return Buffer.from(bytesAt(1, info.bytes)).toString('utf8');
  }
  return null;
}

/** The bytes of one field of a message; none where it was not sent. */
function bytesAt(id: number, message: Uint8Array): Uint8Array {
  let found = new Uint8Array(0) as Uint8Array;
  for (const field of fieldsOf(message)) if (field.id === id) found = field.bytes;
  return found;
}
