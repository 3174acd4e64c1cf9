import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A network between a worker and its Temporal server that can be cut: what a partition, or a stopped machine, is to the server. */
export class CuttableNetwork implements AsyncDisposable {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  private constructor(private readonly server: Server) {}

  static async to(address: string): Promise<CuttableNetwork> {
    const [host, port] = address.split(':');
    const server = createServer();
    const network = new CuttableNetwork(server);
    server.on('connection', (near) => network.join(near, connect(Number(port), host)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return network;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ends every connection, and every later one at once. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(near: Socket, far: Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      // A broken connection is a closed one to the other side.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
    if (this.isCut) near.destroy();
  }
}
