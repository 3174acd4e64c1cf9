import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server on this machine that carries so many bytes a second to its clients, all of them together. */
export interface SlowLink extends AsyncDisposable {
  readonly port: number;
}

/** What is ahead of the rate by no more than this is let through, in milliseconds: timers are no finer. */
const AHEAD_MS = 10;

export async function slowLink(port: number, bytesPerSecond: number): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  let freeAt = 0;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (bytes) => {
      client.write(bytes);
      const now = performance.now();
      freeAt = Math.max(now, freeAt) + (1_000 * bytes.length) / bytesPerSecond;
      if (freeAt <= now + AHEAD_MS) return;
      upstream.pause();
      setTimeout(() => upstream.resume(), freeAt - now);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
