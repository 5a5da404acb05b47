/** What the scripts of the parts share: finding a port, waiting for an answer, staying until they are ended. */
import { createServer } from 'node:net';

/**
 * A port of 127.0.0.1 that is free now. Another program may take it before it is used: try again where that matters.
 *
 * @returns {Promise<number>}
 */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/**
 * True where the address answers a GET with success within `ms` milliseconds.
 *
 * @param {string} url
 * @param {number} ms
 * @returns {Promise<boolean>}
 */
export async function answers(url, ms) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ms) });
    await response.body?.cancel();
    return response.ok;
  } catch (error) {
    // Not listening yet; the caller asks again until its deadline.
    if (error instanceof TypeError || error.name === 'TimeoutError') return false;
    throw error;
  }
}

/**
 * Keeps this program until SIGTERM or Ctrl-C, and then stops the part.
 *
 * @param {{ stop(): Promise<void> }} part
 */
export function stayUntilEnded(part) {
  const stay = setInterval(() => {}, 2 ** 30);
  const end = () => {
    clearInterval(stay);
    void part.stop();
  };
  process.once('SIGTERM', end).once('SIGINT', end);
}
