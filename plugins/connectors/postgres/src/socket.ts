import net from 'node:net';
import tls from 'node:tls';
import type { PostgresConfig } from './config.ts';
import { tlsAttempts, type TlsAttempt } from './tls.ts';

/** The request "may we speak TLS?" of the wire protocol: length 8, code 80877103. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const CANCEL_CODE = 80877102;

/**
 * Opens a socket to the server as `sslmode` says, up to and with the TLS handshake. The caller destroys it.
 *
 * @throws Node's network and TLS errors, `timeout expired`, and `The server does not support SSL connections`.
 */
export async function openSocket(
  config: PostgresConfig,
  signal: AbortSignal,
): Promise<{ socket: net.Socket; secure: boolean }> {
  const attempts = tlsAttempts(config);
  for (const [index, attempt] of attempts.entries()) {
    try {
      return await openOnce(config, attempt, signal);
    } catch (error) {
      const refused = /does not support SSL/.test((error as Error).message);
      if (!refused || index === attempts.length - 1) throw error;
    }
  }
  throw new Error('no way to connect was tried');
}

async function openOnce(config: PostgresConfig, attempt: TlsAttempt, signal: AbortSignal) {
  const plain = net.connect({ host: config.host, port: config.port });
  let socket: net.Socket = plain;
  const end = (why: Error) => socket.destroy(why);
  const timer = setTimeout(() => end(new Error('timeout expired')), config.connect_timeout * 1000);
  const onAbort = () => end(new Error('aborted'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    signal.throwIfAborted();
    await happens(plain, 'connect');
    if (attempt === false) return { socket: plain, secure: false };
    plain.write(SSL_REQUEST);
    const [answer] = (await happens(plain, 'data')) as [Buffer];
    if (answer.toString('latin1') === 'N') throw new Error('The server does not support SSL connections');
    if (answer.toString('latin1') !== 'S') throw new Error('There was an error establishing an SSL connection');
    const servername = net.isIP(config.host) === 0 ? { servername: config.host } : {};
    const secure = tls.connect({ ...attempt, ...servername, socket: plain });
    socket = secure;
    await happens(secure, 'secureConnect');
    return { socket: secure, secure: true };
  } catch (error) {
    socket.destroy();
    plain.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Waits for an event of a socket; its error, or its end before the event, rejects. */
function happens(socket: net.Socket, event: string): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const settle = (done: () => void) => {
      socket.off(event, onEvent).off('close', onClose).off('error', onError);
      // A socket that fails later, when nobody waits, must not end the process.
      socket.on('error', () => socket.destroy());
      done();
    };
    const onEvent = (...values: unknown[]) => settle(() => resolve(values));
    const onError = (error: Error) => settle(() => reject(error));
    const onClose = () =>
      settle(() => reject(Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' })));
    socket.once(event, onEvent).once('close', onClose).once('error', onError);
  });
}

/**
 * Asks the server to cancel what a session is doing, by the protocol's own cancel request: it needs no free session, passes
 * poolers, and goes over TLS as the session did. Resolves when the server has taken the request.
 */
export async function sendCancel(
  config: PostgresConfig,
  pid: number,
  secret: number,
  signal: AbortSignal,
): Promise<void> {
  const { socket } = await openSocket(config, signal);
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(CANCEL_CODE, 4);
  request.writeInt32BE(pid | 0, 8);
  request.writeInt32BE(secret | 0, 12);
  const abandoned = () => socket.destroy();
  signal.addEventListener('abort', abandoned, { once: true });
  try {
    // The server answers nothing and closes when it has passed the request on.
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.resume();
      socket.end(request);
    });
  } finally {
    signal.removeEventListener('abort', abandoned);
    socket.destroy();
  }
}
