import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** So long a server may take to say or take something before it is asked why. */
const SILENCE_MS = 15_000;
/** So many answers that nothing has changed, one after the other. */
const PROOFS = 2;

/** A socket, with TLS or without, as far as it is looked at. */
export type WatchedSocket = Duplex & Pick<Socket, 'bytesRead' | 'bytesWritten'>;

/**
 * Answers, over another connection, how things stand at the server when it waits for us: the same words as long as
 * nothing has changed. Null when it is at work; rejects when it cannot be asked.
 */
export type AskWhyItIsSilent = () => Promise<string | null>;

/**
 * Awaits what a server is to answer or to take. Where it waits for us as we wait for it, what was sent has been lost on
 * the way, as by a firewall that forgot the connection: the system would notice only after a quarter of an hour, and
 * never where somebody between still confirms every packet. Then the connection is ended, which ends the wait.
 */
export async function keepVigil<T>(waiting: Promise<T>, socket: WatchedSocket, ask: AskWhyItIsSilent): Promise<T> {
  const silence = new Silence(socket, ask);
  const timer = setInterval(() => void silence.look(), SILENCE_MS);
  try {
    return await waiting;
  } finally {
    clearInterval(timer);
    silence.isOver = true;
  }
}

class Silence {
  isOver = false;
  private asking = false;
  private told: string | null = null;
  private proofs = 0;
  private moved: number;

  constructor(
    private readonly socket: WatchedSocket,
    private readonly ask: AskWhyItIsSilent,
  ) {
    this.moved = bytesMoved(socket);
  }

  async look(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const answer = this.hasMoved() ? null : await this.ask().catch(() => null);
    this.asking = false;
    if (answer === null || this.hasMoved()) this.proofs = 0;
    else this.proofs = answer === this.told ? this.proofs + 1 : 1;
    [this.moved, this.told] = [bytesMoved(this.socket), answer];
    if (this.proofs === PROOFS && !this.isOver) this.socket.destroy(new SilentConnection());
  }

  /** What a reader does not take for now is no silence of the server. */
  private hasMoved(): boolean {
    return this.socket.isPaused() || bytesMoved(this.socket) !== this.moved;
  }
}

/** In the form of the system's own error of this kind. */
class SilentConnection extends Error {
  readonly code = 'ETIMEDOUT';

  constructor() {
    super('it carries nothing any more, and nobody said so');
  }
}

/** Of what is written, that which has left the process's own buffers. */
function bytesMoved(socket: WatchedSocket): number {
  return socket.bytesRead + socket.bytesWritten - socket.writableLength;
}
