import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and a server, and can be held or cut like a network. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** Takes nothing more from clients; what they send piles up on their side. */
  hold(): void;
  release(): void;
  /** Breaks every connection, without a goodbye to either side. */
  cut(): void;
}

export async function startProxy(host: string, port: number, listenOn = '127.0.0.1'): Promise<Proxy> {
  const clients = new Set<Socket>();
  const all = new Set<Socket>();
  let held = false;
  const server = createServer((client) => {
    const upstream = connect(port, host);
    for (const socket of [client, upstream]) {
      all.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        all.delete(socket);
        clients.delete(client);
        client.destroy();
        upstream.destroy();
      });
    }
    clients.add(client);
    upstream.pipe(client);
    client.on('data', (bytes) => {
      if (!upstream.write(bytes)) {
        client.pause();
        upstream.once('drain', () => {
          if (!held) client.resume();
        });
      }
    });
    if (held) client.pause();
  });
  server.listen(0, listenOn);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    hold() {
      held = true;
      for (const client of clients) client.pause();
    },
    release() {
      held = false;
      for (const client of clients) client.resume();
    },
    cut() {
      for (const socket of all) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of all) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
