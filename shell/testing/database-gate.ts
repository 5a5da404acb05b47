import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** A way to a database server that can be shut and opened again, as when that server is stopped and started. */
export interface DatabaseGate {
  /** The server's address, by way of the gate. */
  url: string;
  /** Breaks what is connected, and refuses what comes. */
  shut(): Promise<void>;
  open(): Promise<void>;
}

/** An open gate on a port of its own, before the server that `url` names. */
export async function openGate(url: string): Promise<DatabaseGate> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const forget = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // Broken connections are what it is for.
    socket.on('close', () => sockets.delete(socket));
  };
  let server: Server;
  const listen = async (at: number) => {
    server = createServer((near) => {
      const far = connect(Number(port || 5432), hostname);
      forget(near);
      forget(far);
      near.pipe(far).pipe(near);
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    }).listen(at, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const own = await listen(0);
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(own);
  return {
    url: through.href,
    async shut() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    open: async () => void (await listen(own)),
  };
}
