import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.ts';

export interface Received {
  path: string;
  body: Record<string, unknown> & { run_id: string; seq: number };
  headers: IncomingHttpHeaders;
  at: number;
}

/** A real receiver of callbacks. `answer` gives the status for each; 200 where it is absent. */
export async function startReceiver(answer: (received: Received, count: number) => number = () => 200) {
  const all: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const received: Received = {
        path: request.url ?? '',
        body: JSON.parse(Buffer.concat(chunks).toString()) as Received['body'],
        headers: request.headers,
        at: Date.now(),
      };
      all.push(received);
      const status = answer(received, all.length);
      response.writeHead(status, status >= 300 && status < 400 ? { location: 'http://127.0.0.1:1/elsewhere' } : {});
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    callbackUrl: `http://127.0.0.1:${port}/api/worker/progress`,
    all,
    /** The end of a run: its complete or error callback. */
    async end(runId: string, ms = 20_000): Promise<Received> {
      const find = () => all.find((one) => one.body.run_id === runId && !one.path.endsWith('/progress'));
      await until(() => find() !== undefined, ms);
      return find()!;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
