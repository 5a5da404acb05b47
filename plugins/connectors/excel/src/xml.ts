import { ConnectorError, throwIfAborted, type Operation } from '@kalla/core';
import { SaxesParser } from 'saxes';
import { brokenError } from './errors.ts';

/** What a reader does with the events of an XML part. Names come without their prefix. */
export interface XmlHandlers {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close(name: string): void;
  text(text: string): void;
}

/** No element of a workbook is so long; a text without an end would fill the memory. */
const MOST_SILENT_BYTES = 16 << 20;
const MOST_DEPTH = 256;

/**
 * Reads an XML part chunk by chunk. Yields after each chunk, so that the reader can hand on what it has.
 *
 * Document type declarations are refused, and with them every entity of one's own. Ends early when the caller does.
 */
export async function* readXml(
  chunks: AsyncIterable<Buffer>,
  handlers: XmlHandlers,
  file: string,
  part: string,
  operation: Operation,
): AsyncGenerator<void> {
  const parser = new SaxesParser({ position: false });
  let silent = 0;
  let depth = 0;
  parser.on('opentag', (tag) => {
    silent = 0;
    if (++depth > MOST_DEPTH) throw brokenError(file, `its part "${part}" is nested too deep`);
    handlers.open(local(tag.name), tag.attributes as Record<string, string>);
  });
  parser.on('closetag', (tag) => {
    silent = 0;
    depth--;
    handlers.close(local(tag.name));
  });
  parser.on('text', (text) => handlers.text(text));
  parser.on('cdata', (text) => handlers.text(text));
  parser.on('doctype', () => {
    throw brokenError(file, `its part "${part}" declares a document type, which could be made to do harm`);
  });
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  try {
    for await (const chunk of chunks) {
      throwIfAborted(operation.signal);
      decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
      silent += chunk.length;
      if (silent > MOST_SILENT_BYTES + chunk.length)
        throw brokenError(file, `its part "${part}" holds a text of more than 16 MB`);
      parser.write(decoder.decode(chunk, { stream: true }));
      yield;
    }
    parser.write(decoder?.decode() ?? '');
    parser.close();
    yield;
  } catch (cause) {
    throwIfAborted(operation.signal);
    if (ConnectorError.is(cause) || (cause as NodeJS.ErrnoException | null)?.code?.startsWith('E')) {
      if ((cause as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw cause;
    }
    throw brokenError(file, `its part "${part}" is no proper XML`, undefined, cause);
  }
}

/** Reads a small part to its end. */
export async function readWholeXml(...args: Parameters<typeof readXml>): Promise<void> {
  for await (const _ of readXml(...args)) continue;
}

function encodingOf(head: Buffer): string {
  const hex = head.subarray(0, 4).toString('hex');
  if (hex.startsWith('fffe') || hex === '3c003f00') return 'utf-16le';
  if (hex.startsWith('feff') || hex === '003c003f') return 'utf-16be';
  return 'utf-8';
}

function local(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

/** An attribute by its name without prefix: `r:id` is written otherwise by some programs. */
export function attribute(attributes: Readonly<Record<string, string>>, name: string): string | undefined {
  if (attributes[name] !== undefined) return attributes[name];
  for (const key in attributes) if (local(key) === name) return attributes[key];
  return undefined;
}
