import { createVerify, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer as createHttp, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, createServer as createHttp2, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

/** What is answered in place of the server behind: an HTTP status with BigQuery's reason, or a gRPC status. */
export interface Injection {
  /** Part of the path of the call, for example `/jobs` or `CreateReadSession`. */
  path: string | RegExp;
  /** How often; for ever where absent. */
  times?: number;
  rest?: { status: number; reason: string; message: string };
  grpc?: { status: number; message: string };
  /** Rewrites the answer of the server behind. */
  rewrite?: (body: Record<string, unknown>) => unknown;
  /** Ends a stream after so many messages: with what `grpc` says, or with UNAVAILABLE. */
  breakAfterMessages?: number;
  /** Holds the call until it is given up. */
  hang?: boolean;
}

/**
 * A front before local-bigquery for what that one lacks: it checks who signs in (by the signature of the token), counts what is
 * open, and answers with failures that only Google's own service has. Everything else passes through unchanged.
 */
export interface Front extends AsyncDisposable {
  url: string;
  grpc: string;
  /** A key file whose tokens are let in. */
  key: string;
  /** A key file of the same account that Google no longer knows. */
  wrongKey: string;
  inject(injection: Injection): void;
  clear(): void;
  /** Streams of rows that are open now. */
  openStreams(): number;
  /** Every path that was called, with its query. */
  calls: string[];
}

const EMAIL = 'kalla@acme-finance.iam.gserviceaccount.com';

export async function startFront(behind: { url: string; grpc: string }): Promise<Front> {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const injections: Injection[] = [];
  const calls: string[] = [];
  const open = new Set<ServerHttp2Stream>();
  const take = (path: string): Injection | undefined => {
    const found = injections.find((one) =>
      typeof one.path === 'string' ? path.includes(one.path) : one.path.test(path),
    );
    if (found?.times !== undefined && --found.times <= 0) injections.splice(injections.indexOf(found), 1);
    return found;
  };
  const isKnown = (authorization: string | undefined) => isSignedBy(pair.publicKey, authorization);

  const rest = createHttp((incoming, outgoing) => void answerRest(incoming, outgoing));
  async function answerRest(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url ?? '/';
    calls.push(`${incoming.method} ${path}`);
    const say = (status: number, reason: string, message: string) => {
      outgoing.writeHead(status, { 'content-type': 'application/json' });
      outgoing.end(
        JSON.stringify({ error: { code: status, message, errors: [{ reason, message, domain: 'global' }] } }),
      );
    };
    if (!isKnown(incoming.headers.authorization))
      return say(
        401,
        'authError',
        'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
      );
    const injection = take(path);
    if (injection?.hang) return;
    if (injection?.rest) return say(injection.rest.status, injection.rest.reason, injection.rest.message);
    const { authorization: _token, host: _host, ...headers } = incoming.headers;
    const passed = request(new URL(path, behind.url), { method: incoming.method, headers });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
    const [answer] = (await once(passed, 'response')) as [IncomingMessage];
    if (!injection?.rewrite) {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    outgoing.writeHead(answer.statusCode ?? 500, { 'content-type': 'application/json' });
    outgoing.end(
      JSON.stringify(injection.rewrite(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>)),
    );
  }

  const upstream = connect(`http://${behind.grpc}`);
  upstream.on('error', () => undefined);
  const grpc = createHttp2();
  grpc.on('session', (session) => session.on('error', () => undefined));
  grpc.on('stream', (stream, headers) => {
    const path = headers[':path'] ?? '';
    calls.push(`gRPC ${path}`);
    stream.on('error', () => undefined);
    const say = (status: number, message: string) => {
      stream.respond(
        {
          ':status': 200,
          'content-type': 'application/grpc',
          'grpc-status': String(status),
          // As Google writes it: only what is no plain letter is escaped.
          'grpc-message': encodeURI(message),
        },
        { endStream: true },
      );
    };
    if (!isKnown(headers.authorization as string | undefined))
      return say(16, 'Request had invalid authentication credentials.');
    const injection = take(path);
    if (injection?.hang) return;
    if (injection?.grpc && injection.breakAfterMessages === undefined)
      return say(injection.grpc.status, injection.grpc.message);
    if (path.endsWith('/ReadRows')) {
      open.add(stream);
      stream.on('close', () => open.delete(stream));
    }
    const { ':authority': _authority, ':scheme': _scheme, authorization: _authorization, ...kept } = headers;
    if (upstream.destroyed) return say(14, 'The front is closed.');
    const passed = upstream.request(kept);
    passed.on('error', () => undefined);
    stream.pipe(passed);
    // A cancelled call is cancelled behind too; this is what the tests of cancelling rest on.
    stream.on('close', () => passed.close(stream.rstCode));
    passed.on('response', (answer) => {
      if (stream.destroyed) return;
      const { ':status': status, 'grpc-status': failed, ...rest } = answer;
      if (failed !== undefined) {
        stream.respond({ ':status': status ?? 200, ...rest, 'grpc-status': failed }, { endStream: true });
        return;
      }
      stream.respond({ ':status': status ?? 200, ...rest }, { waitForTrailers: true });
      let trailers: Record<string, unknown> = {};
      let isCut = false;
      const left = injection?.breakAfterMessages ?? Infinity;
      const messages = new MessageCounter();
      passed.on('trailers', (found) => (trailers = found));
      passed.on('data', (chunk: Buffer) => {
        if (isCut || stream.destroyed) return;
        // Only when the next message has begun: local-bigquery forgets rows of which it does not know that they were taken.
        const end = left === Infinity ? null : messages.endOf(chunk, left);
        if (end !== null && end < chunk.length) {
          isCut = true;
          stream.write(chunk.subarray(0, end));
          const { status, message } = injection?.grpc ?? { status: 14, message: 'the server is going away' };
          trailers = { 'grpc-status': String(status), 'grpc-message': encodeURI(message) };
          stream.end();
          passed.close();
          return;
        }
        if (!stream.write(chunk)) {
          passed.pause();
          stream.once('drain', () => passed.resume());
        }
      });
      passed.on('end', () => !isCut && stream.end());
      stream.on('wantTrailers', () => {
        const { 'grpc-status': code = '2', 'grpc-message': message } = trailers as Record<string, string | undefined>;
        stream.sendTrailers({ 'grpc-status': code, ...(message === undefined ? {} : { 'grpc-message': message }) });
      });
    });
  });

  const port = async (server: Server | Http2Server) => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const [restPort, grpcPort] = await Promise.all([port(rest), port(grpc)]);
  return {
    url: `http://127.0.0.1:${restPort}`,
    grpc: `127.0.0.1:${grpcPort}`,
    key: keyFile(pair.privateKey),
    wrongKey: keyFile(other.privateKey),
    inject: (injection) => void injections.push(injection),
    clear: () => void injections.splice(0),
    openStreams: () => open.size,
    calls,
    async [Symbol.asyncDispose]() {
      rest.closeAllConnections();
      upstream.destroy();
      await Promise.all([new Promise((done) => rest.close(done)), new Promise((done) => grpc.close(done))]);
    },
  };
}

/** Finds where the n-th gRPC message of a stream ends; a message is a byte, its length in four, and so many bytes. */
class MessageCounter {
  #header: number[] = [];
  #left = 0;
  #count = 0;

  /** Where in this chunk the message ends, 0 where it has ended in one before, null where it goes on. */
  endOf(chunk: Buffer, wanted: number): number | null {
    if (this.#count >= wanted) return 0;
    for (let at = 0; at < chunk.length;) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - at);
        this.#left -= step;
        at += step;
        if (this.#left === 0 && ++this.#count >= wanted) return at;
        continue;
      }
      this.#header.push(chunk[at++]!);
      if (this.#header.length === 5) {
        this.#left = Buffer.from(this.#header).readUInt32BE(1);
        this.#header = [];
      }
    }
    return null;
  }
}

/** As the console downloads it. Made anew for each run: no key is in this repository. */
function keyFile(key: KeyObject): string {
  return JSON.stringify({
    type: 'service_account',
    project_id: 'kalla-test',
    private_key_id: 'a1b2c3',
    private_key: key.export({ type: 'pkcs8', format: 'pem' }),
    client_email: EMAIL,
    token_uri: 'https://oauth2.googleapis.com/token',
  });
}

/** Checks a self-signed token as Google does: signature, issuer, expiry. */
function isSignedBy(key: KeyObject, authorization: string | undefined): boolean {
  const [header, body, signature] = (authorization ?? '').replace(/^Bearer /, '').split('.');
  if (!header || !body || !signature) return false;
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as { iss: string; exp: number; scope: string };
  const isRight = createVerify('RSA-SHA256').update(`${header}.${body}`).verify(key, signature, 'base64url');
  return isRight && claims.iss === EMAIL && claims.exp > Date.now() / 1000 && /auth\/bigquery$/.test(claims.scope);
}
