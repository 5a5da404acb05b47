import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ConnectorError } from '@kalla/core';
import { isPublicAddress, privateAddressError, publicLookup } from './public-address.ts';

const MAX_REDIRECTS = 5;
/** A server that sends nothing for this long is given up. */
const IDLE_MS = 30_000;

export interface HttpFileOptions {
  signal: AbortSignal;
  /** Loopback, private networks and plain `http:` are allowed. */
  allowPrivate: boolean;
  maxBytes: number;
}

/** Downloads a file to `path`. Returns its size in bytes. Leaves nothing behind when it fails. */
export async function downloadFile(uri: string, path: string, options: HttpFileOptions): Promise<number> {
  const response = await request(uri, options);
  const shown = publicUrl(uri);
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > options.maxBytes) done(tooLarge(shown, options.maxBytes));
      else done(null, chunk);
    },
  });
  try {
    assertSize(response, shown, options.maxBytes);
    await pipeline(response, count, createWriteStream(path, { flags: 'wx' }), { signal: options.signal });
    return bytes;
  } catch (error) {
    await rm(path, { force: true });
    throw asSentence(error, shown, options.signal);
  } finally {
    response.destroy();
  }
}

/** Asks the server for the file and hangs up after the head of its answer. Throws as `downloadFile` would. */
export async function probeFile(uri: string, options: HttpFileOptions): Promise<{ bytes: number | null }> {
  const response = await request(uri, options);
  try {
    assertSize(response, publicUrl(uri), options.maxBytes);
    return { bytes: sizeOf(response) };
  } finally {
    response.destroy();
  }
}

/** A URL without credentials, query and fragment: they may hold secrets (presigned URLs). */
export function publicUrl(uri: string): string {
  const url = new URL(uri);
  return `${url.protocol}//${url.host}${url.pathname}`;
}

async function request(uri: string, options: HttpFileOptions): Promise<IncomingMessage> {
  if (!URL.canParse(uri)) throw new ConnectorError('config', 'The web address of the file is not valid.');
  const shown = publicUrl(uri);
  let url = new URL(uri);
  let credentials = credentialsOf(url);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    assertAllowed(url, options);
    let response: IncomingMessage;
    try {
      response = await send(url, credentials, options);
    } catch (error) {
      throw asSentence(error, shown, options.signal);
    }
    const location = response.headers.location;
    const status = response.statusCode ?? 0;
    if (status >= 300 && status < 400 && location !== undefined) {
      response.destroy();
      const next = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
      if (!next)
        throw new ConnectorError('unreachable', `The server of ${shown} redirects to an address that is not valid.`);
      if (url.protocol === 'https:' && next.protocol === 'http:') {
        throw new ConnectorError(
          'tls',
          `The server of ${shown} redirects to an address without encryption, which is refused.`,
        );
      }
      if (next.host !== url.host) credentials = undefined; // They are meant for the first server only.
      url = next;
      continue;
    }
    if (status === 200) return response;
    response.destroy();
    throw refusal(status, shown);
  }
  throw new ConnectorError('unreachable', `The server of ${shown} redirects more than ${MAX_REDIRECTS} times.`);
}

/** User and password of an address as they are sent; undefined where there are none. */
function credentialsOf(url: URL): string | undefined {
  if (!url.username && !url.password) return undefined;
  try {
    return `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new ConnectorError('config', `User or password in the address of ${publicUrl(url.href)} cannot be read.`, {
      hint: 'A % in them is written %25.',
      cause: error,
    });
  }
}

function assertAllowed(url: URL, options: HttpFileOptions): void {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && options.allowPrivate)) {
    throw new ConnectorError(
      'permission',
      `"${url.protocol}//${url.host}" is refused: files are read over https only.`,
      {
        hint:
          url.protocol === 'http:' ? 'The operator can allow http by setting KALLA_ALLOW_PRIVATE_URLS=1.' : undefined,
      },
    );
  }
  // The lookup is not asked for a literal address, so that is checked here.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!options.allowPrivate && isIP(host) && !isPublicAddress(host)) throw privateAddressError(host);
}

function send(url: URL, auth: string | undefined, options: HttpFileOptions): Promise<IncomingMessage> {
  const { promise, resolve, reject } = deferred<IncomingMessage>();
  const client = url.protocol === 'https:' ? https : http;
  const outgoing = client.get({
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    path: url.pathname + url.search,
    auth,
    agent: false,
    signal: options.signal,
    headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'kalla' },
    ...(options.allowPrivate ? {} : { lookup: publicLookup }),
  });
  outgoing.setTimeout(IDLE_MS, () => {
    outgoing.destroy(Object.assign(new Error('idle'), { code: 'ETIMEDOUT' }));
  });
  outgoing.on('response', resolve);
  outgoing.on('error', reject);
  return promise;
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

function sizeOf(response: IncomingMessage): number | null {
  const length = Number(response.headers['content-length']);
  return response.headers['content-length'] !== undefined && Number.isSafeInteger(length) ? length : null;
}

function assertSize(response: IncomingMessage, shown: string, maxBytes: number): void {
  const encoding = response.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new ConnectorError(
      'unreachable',
      `The server of ${shown} sends the file encoded as "${encoding}" although it was asked not to.`,
    );
  }
  if ((sizeOf(response) ?? 0) > maxBytes) throw tooLarge(shown, maxBytes);
}

function tooLarge(shown: string, maxBytes: number): ConnectorError {
  return new ConnectorError(
    'permission',
    `The file ${shown} is larger than the ${maxBytes} bytes that are allowed here.`,
    {
      hint: 'The operator can raise the limit with KALLA_MAX_FILE_BYTES.',
    },
  );
}

function refusal(status: number, shown: string): ConnectorError {
  if (status === 401) return new ConnectorError('auth', `The server of ${shown} wants a sign-in (status 401).`);
  if (status === 403)
    return new ConnectorError('permission', `The server does not allow reading ${shown} (status 403).`);
  if (status === 404 || status === 410)
    return new ConnectorError('not-found', `There is no file at ${shown} (status ${status}).`);
  if (status === 429)
    return new ConnectorError('rate-limit', `The server of ${shown} asks to slow down (status 429). Try again later.`);
  return new ConnectorError(
    'unreachable',
    `The server of ${shown} answered with status ${status} instead of the file.`,
  );
}

function asSentence(error: unknown, shown: string, signal: AbortSignal): unknown {
  if (ConnectorError.is(error)) return error;
  if (signal.aborted) return new ConnectorError('cancelled', 'The work was cancelled.', { cause: error });
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const unreachable = (sentence: string) => new ConnectorError('unreachable', sentence, { cause: error });
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return unreachable(`The server name in ${shown} is not known. Check the spelling.`);
  if (code === 'ECONNREFUSED')
    return unreachable(`The server of ${shown} refuses the connection. Check host and port.`);
  if (code === 'ETIMEDOUT') return unreachable(`The server of ${shown} does not answer.`);
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code.startsWith('HPE_')) {
    return unreachable(`The connection to ${shown} broke before the whole file was there. Try again.`);
  }
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_/.test(code)) {
    return new ConnectorError('tls', `The certificate of ${shown} is not valid (${code}).`, { cause: error });
  }
  return error;
}
