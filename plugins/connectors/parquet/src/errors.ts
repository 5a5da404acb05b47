import { open } from 'node:fs/promises';
import { ConnectorError } from '@kalla/core';

const MAGIC = 'PAR1';
const ENCRYPTED = 'PARE';

/** Throws the sentence that says why a file is no readable Parquet file; returns where its frame is in order. */
export async function refuseBadFrame(path: string, bytes: number, name: string): Promise<void> {
  if (bytes === 0) {
    throw new ConnectorError('type', `${name} is empty: it holds no bytes.`, {
      hint: 'Export or transfer the file again.',
    });
  }
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(4);
    const tail = Buffer.alloc(8);
    await file.read(head, 0, 4, 0);
    if (bytes >= 8) await file.read(tail, 0, 8, bytes - 8);
    const end = tail.toString('latin1', 4);
    if (head.toString('latin1') === ENCRYPTED || end === ENCRYPTED) {
      throw new ConnectorError('type', `${name} is an encrypted Parquet file.`, {
        hint: 'Write it without encryption.',
      });
    }
    if (head.toString('latin1') !== MAGIC) {
      throw new ConnectorError('type', `${name} is not a Parquet file: it does not begin with ${MAGIC}.`, {
        hint: 'If it is a CSV file, give it the ending .csv.',
      });
    }
    if (end !== MAGIC || bytes < 12 || tail.readUInt32LE(0) > bytes - 12) {
      throw new ConnectorError('type', `${name} is a Parquet file that is cut short: its end is missing.`, {
        hint: 'Transfer the file again.',
      });
    }
  } finally {
    await file.close();
  }
}

/** Turns the engine's error about a Parquet file into a sentence; what is not about the file comes back as it is. */
export function parquetError(name: string, error: unknown): unknown {
  if (ConnectorError.is(error) || !(error instanceof Error)) return error;
  const sentence = parquetSentence(name, error.message);
  return sentence
    ? new ConnectorError('type', sentence, { hint: 'Write or transfer the file again.', cause: error })
    : error;
}

/** The sentence for an engine message that is about a damaged or unsupported Parquet file, or null. */
export function parquetSentence(name: string, message: string): string | null {
  if (/codec|compression/i.test(message) && /unsupported|not supported|unknown|unrecognized/i.test(message)) {
    return `${name} is compressed in a way that cannot be read here.`;
  }
  if (
    /parquet|thrift|metadata|corrupt|snappy|zstd|gzip|brotli|lz4|page|decompress|end of (file|buffer)|invalid unicode|out of buffer|No more data|TProtocolException|IO Error|Invalid Input Error|Serialization|Internal Error: .*column/i.test(
      message,
    )
  ) {
    return `${name} is a damaged Parquet file: its contents cannot be read to the end.`;
  }
  return null;
}
