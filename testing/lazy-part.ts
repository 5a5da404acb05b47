import { createConnection, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface StartedPart {
  port: number;
  stop(): Promise<void>;
}

/**
 * A part that is started by the first connection to it: a port on 127.0.0.1 that passes bytes on to the real server. A run of
 * tests that needs no such part pays nothing for it, and the address is known before.
 */
export async function lazyPart(start: () => Promise<StartedPart>): Promise<StartedPart> {
  let starting: Promise<StartedPart> | null = null;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    keep(client);
    // Whatever ends one side ends the other; the test sees it as it would with the server itself.
    client.on('error', () => client.destroy());
    starting ??= start();
    starting.then(
      ({ port }) => {
        if (client.destroyed) return;
        const upstream = createConnection({ host: '127.0.0.1', port, allowHalfOpen: true });
        keep(upstream);
        upstream.on('error', () => upstream.destroy());
        upstream.once('close', () => client.destroy());
        client.once('close', () => upstream.destroy());
        client.pipe(upstream).pipe(client);
      },
      (error: unknown) => {
        console.error(error);
        client.destroy();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      // One that could not start has said so, and has nothing to be stopped.
      const started = await starting?.catch(() => null);
      await started?.stop();
    },
  };
}
