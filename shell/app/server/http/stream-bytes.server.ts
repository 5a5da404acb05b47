/**
 * The chunks of a web stream one after the other. TypeScript's browser types do not know that node's streams can be iterated.
 * Leaving early cancels the stream; an absent one has no chunks.
 */
export async function* streamBytes(stream: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (!stream) return;
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel();
  }
}
