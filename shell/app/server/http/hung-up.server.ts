/** What streams, sockets and aborted calls say when their other end goes away. */
const CODES = new Set([
  'ECONNRESET',
  'EPIPE',
  'ABORT_ERR',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'UND_ERR_ABORTED',
]);

/**
 * True where an error is nothing but its client's going away: a closed tab, Ctrl-C, a lost connection. A fault of another kind stays
 * one, also where nobody waits for its answer.
 *
 * @param gone The signal of the client's request.
 */
export function hungUp(error: unknown, gone: AbortSignal | undefined): boolean {
  if (!gone?.aborted) return false;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    // The code of a DOMException is a number.
    if (cause === gone.reason || cause.name === 'AbortError' || CODES.has(String((cause as { code?: unknown }).code)))
      return true;
  }
  return false;
}
