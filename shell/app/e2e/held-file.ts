import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file on the web whose second half comes when it is let go: a run over it stays under way for as long as a test needs. */
export interface HeldFile {
  uri: string;
  hold(): void;
  letGo(): void;
  stop(): Promise<void>;
}

/** Serves `text` as a CSV file on a free port of this machine. */
export async function serveHeldFile(text: string): Promise<HeldFile> {
  const half = Math.floor(text.length / 2);
  const waiting = new Set<ServerResponse>();
  let held = false;
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/csv', 'content-length': Buffer.byteLength(text) });
    if (request.method === 'HEAD' || !held) {
      response.end(request.method === 'HEAD' ? undefined : text);
      return;
    }
    response.write(text.slice(0, half));
    waiting.add(response);
    response.on('close', () => waiting.delete(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/payments.csv`,
    hold: () => (held = true),
    letGo() {
      held = false;
      for (const response of waiting) response.end(text.slice(half));
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
