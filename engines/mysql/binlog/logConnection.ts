import { assert } from '../../../domain/errors';
import { PacketCutter, type PayloadHandler } from '../packets';
import type { Session } from '../session';
import { HEADER_BYTES, readHeader } from './header';
import { logEnded, refusal } from './refusal';
import type { Wait } from './repeat';

const PACKET_HEADER_BYTES = 4;
const OK_MARKER = 0x00;
const ERROR_MARKER = 0xff;

/** Takes events where they lie in the network's buffers. */
export interface EventReceiver {
  receive(bytes: Buffer, start: number, end: number): Wait;
}

/**
 * Has the server send its log over a session, which is of no more use afterwards, until `stop`. In place of the driver's
 * own cutter, as reading rows does: events of any length arrive in flat memory, and the socket stands still while the
 * receiver wants to be waited for.
 */
export class LogConnection implements PayloadHandler {
  private readonly cutter: PacketCutter;
  private settle: { resolve: () => void; reject: (error: unknown) => void } | null = null;

  constructor(
    private readonly session: Session,
    private readonly receiver: EventReceiver,
  ) {
    this.cutter = new PacketCutter(() => session.driver.stream, this);
  }

  /** Resolves by `stop` alone. Errors: what the receiver throws, the signal's reason, those of `refusal`. */
  async run(command: Buffer, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { session } = this;
    const onAbort = (): void => this.failed(signal.reason);
    const watching = session.watch((error) => this.end((settle) => settle.reject(error)));
    signal.addEventListener('abort', onAbort, { once: true });
    session.driver.packetParser = this.cutter;
    try {
      await session.awaitServer(
        new Promise<void>((resolve, reject) => {
          this.settle = { resolve, reject };
          session.driver.stream.write(asPacket(command));
        }),
      );
    } finally {
      signal.removeEventListener('abort', onAbort);
      watching[Symbol.dispose]();
    }
  }

  /** Ends the reading; the server is told, which would go on sending otherwise. */
  stop(): void {
    this.end((settle) => {
      settle.resolve();
      this.session.abandon(null);
    });
  }

  payload(bytes: Buffer, start: number, end: number): Wait {
    const marker = bytes[start];
    if (marker === OK_MARKER) return this.receiver.receive(bytes, start + 1, end);
    throw marker === ERROR_MARKER ? refusal(bytes, start, end, this.session.name) : logEnded(this.session.name);
  }

  expectedEnd(bytes: Buffer, start: number, end: number): number {
    const event = start + 1;
    return end - event < HEADER_BYTES ? end : event + readHeader(bytes, event).size;
  }

  failed(error: unknown): void {
    this.end((settle) => {
      settle.reject(error);
      this.session.abandon(error);
    });
  }

  /** Whatever ends the reading first is its outcome. */
  private end(how: (settle: NonNullable<LogConnection['settle']>) => void): void {
    const { settle } = this;
    this.settle = null;
    if (settle === null) return;
    this.cutter.close();
    how(settle);
  }
}

/** The first packet of an exchange. */
function asPacket(body: Buffer): Buffer {
  assert(body.length < 0xff_ffff, 'a command fits into one packet');
  const header = Buffer.alloc(PACKET_HEADER_BYTES);
  header.writeUIntLE(body.length, 0, 3);
  return Buffer.concat([header, body]);
}
