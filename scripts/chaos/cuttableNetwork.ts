import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * A network between a worker and one of its servers that can be cut: what a partition, or a stopped machine, is to the
 * other side.
 */
export class CuttableNetwork implements AsyncDisposable {
  private readonly sockets = new Set<Socket>();
  private readonly silent = new Set<Socket>();
  private isCut = false;
  private refused = 0;

  private constructor(private readonly server: Server) {}

  /** `server` is its host:port, or a URL with it. */
  static async to(server: string): Promise<CuttableNetwork> {
    const { hostname, port } = new URL(server.includes('://') ? server : `tcp://${server}`);
    const listener = createServer();
    const network = new CuttableNetwork(listener);
    listener.on('connection', (near) => {
      if (network.isCut) network.refuse(near);
      else network.join(near, connect(Number(port), hostname));
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return network;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** How often somebody has tried to connect in vain. */
  get refusals(): number {
    return this.refused;
  }

  /** Ends every connection, and every later one at once. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  /** Carries nothing more over the connections there are, and tells neither side; later ones are as ever. */
  fallSilent(): void {
    for (const socket of this.sockets) {
      this.silent.add(socket);
      socket.unpipe().pause();
    }
  }

  /** Ends the connections that fell silent, as an end does that has noticed it. */
  endSilent(): void {
    for (const socket of this.silent) socket.destroy();
    this.silent.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private refuse(near: Socket): void {
    this.refused += 1;
    near.on('error', () => undefined);
    near.destroy();
  }

  private join(near: Socket, far: Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      // As those it stands between: small messages that wait for each other's acknowledgement take 40 ms each.
      socket.setNoDelay(true);
      // A broken connection is a closed one to the other side.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
