/** One server-sent event. */
export interface StreamedEvent {
  /** `message` where the stream names none. */
  name: string;
  data: string;
}

/**
 * Reads the events of an answer as they come. `EventSource` cannot do it: it makes GET requests only, and what is asked here
 * may hold a secret, which has no place in an address.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamedEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  const eventsIn = eventSplitter();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      yield* eventsIn(value ?? '');
      if (done) {
        ended = true;
        return;
      }
    }
  } finally {
    // Whoever stops listening ends the work that sends.
    if (!ended) await reader.cancel();
  }
}

/** Returns a function that takes the text of a stream piece by piece and gives the events that each piece completes. */
export function eventSplitter(): (piece: string) => StreamedEvent[] {
  let pending = '';
  return (piece) => {
    const parts = (pending + piece).split(/\r?\n\r?\n/);
    pending = parts.pop() ?? '';
    return parts.map(eventOf).filter((event) => event !== null);
  };
}

/** The event in one block of lines, or null for a comment. */
export function eventOf(block: string): StreamedEvent | null {
  const lines = block.split(/\r?\n/);
  const of = (field: string) =>
    lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).replace(/^ /, ''));
  const data = of('data');
  return data.length === 0 ? null : { name: of('event').at(-1) ?? 'message', data: data.join('\n') };
}
