import { createServer, type Socket } from 'node:net';

export interface SilentServer {
  port: number;
  /** Connections that are open now. */
  open(): number;
  stop(): Promise<void>;
}

/** A server that takes every connection and never says a word, as one behind a broken firewall does. */
export async function startSilentServer(): Promise<SilentServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    // What is sent has to be read, or the other side's leaving is never heard of.
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    open: () => sockets.size,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
