import type { Connection } from 'pg';
import { MigrationError } from '../../../domain/errors';
import type { PostgresSession } from '../connection';
import type { Lsn } from './lsn';
import { KEEPALIVE, readKeepalive, WAL_DATA, WAL_DATA_HEADER, writeStatus } from './walMessages';
import { unreadable } from './unreadable';
import type { Wait } from './wait';
import { walError } from './walError';

/** Takes what the server sends, where it lies in the network's buffers. */
export interface WalReceiver {
  /** A message of the output plugin; its memory is the receiver's until the answer resolves. */
  message(bytes: Buffer, start: number, end: number): Wait;
  /** Everything up to here has been sent. */
  reached(lsn: Lsn): Wait;
}

/**
 * How often the server hears from us, however long the receiver makes us wait: it ends who is silent for
 * wal_sender_timeout. Where nothing has come since, it is asked how far it is, so that a quiet log is told as well.
 */
const STATUS_MS = 250;
/** A server that has not answered for so long is taken for gone, as PostgreSQL's own receivers do. */
const SILENCE_MS = 60_000;
/** A place that says nothing. */
const NOTHING: Lsn = 0n;

/**
 * The log's data over a session of the replication protocol, which is of no more use afterwards. The driver cuts the
 * messages; while the receiver wants to be waited for, the socket stands still and what was cut already waits.
 */
export class WalStream {
  private settle: { resolve: () => void; reject: (error: unknown) => void } | null = null;
  private readonly backlog: Buffer[] = [];
  private taken = 0;
  private isHeld = false;
  private heardAt = Date.now();
  private hasHeard = true;
  private received: Lsn = 0n;

  constructor(
    private readonly session: PostgresSession,
    private readonly receiver: WalReceiver,
  ) {}

  /**
   * Runs START_REPLICATION; nothing is delivered before `ready` resolves. Resolves by `stop` alone. Errors: what the
   * receiver or `ready` throws, the signal's reason, those of walError.
   */
  async run(command: string, ready: () => Promise<void>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { client } = this.session;
    const onAbort = (): void => this.fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    client.connection.once('replicationStart', () => this.hold(ready()));
    const timer = setInterval(() => this.tick(), STATUS_MS);
    try {
      await new Promise<void>((resolve, reject) => {
        this.settle = { resolve, reject };
        client.query(this.submittable(command));
      });
    } finally {
      clearInterval(timer);
      signal.removeEventListener('abort', onAbort);
      this.backlog.length = 0;
      // What is still to come is thrown away: the end of the connection is behind it.
      this.stream.resume();
    }
  }

  stop(): void {
    this.end((settle) => settle.resolve());
  }

  /**
   * Tells the server what has been confirmed: once. Were it told again with each status, a server that shuts down would
   * wait until all that it has sent is confirmed.
   */
  confirm(confirmed: Lsn): void {
    if (this.settle !== null) this.sendStatus(false, confirmed);
  }

  private get stream() {
    return this.session.client.connection.stream;
  }

  /** As the driver wants a statement; what it does not name here never comes. */
  private submittable(command: string) {
    return {
      submit: (connection: Connection) => connection.query(command),
      handleCopyData: ({ chunk }: { readonly chunk: Buffer }) => this.arrived(chunk),
      handleError: (error: unknown) => this.fail(walError(error, this.session.name)),
      handleCommandComplete: () => this.fail(logEnded(this.session.name)),
      handleReadyForQuery: () => this.fail(logEnded(this.session.name)),
    };
  }

  private arrived(bytes: Buffer): void {
    if (this.settle === null) return;
    this.heardAt = Date.now();
    this.hasHeard = true;
    if (this.isHeld) this.backlog.push(bytes);
    else this.take(bytes);
  }

  private take(bytes: Buffer): void {
    try {
      const wait = this.deliver(bytes);
      if (wait !== null) this.hold(wait);
    } catch (error) {
      this.fail(error);
    }
  }

  private deliver(bytes: Buffer): Wait {
    switch (bytes[0]) {
      case WAL_DATA:
        return this.receiver.message(bytes, WAL_DATA_HEADER, bytes.length);
      case KEEPALIVE: {
        const { sent, wantsAnswer } = readKeepalive(bytes);
        if (sent > this.received) this.received = sent;
        if (wantsAnswer) this.sendStatus(false);
        return this.receiver.reached(sent);
      }
      default:
        throw unreadable('the change log', `comes with a message of an unknown type (${String(bytes[0])})`);
    }
  }

  private hold(wait: Promise<void>): void {
    this.isHeld = true;
    this.stream.pause();
    wait.then(
      () => {
        this.isHeld = false;
        this.goOn();
      },
      (error: unknown) => this.fail(error),
    );
  }

  private goOn(): void {
    while (!this.isHeld && this.settle !== null && this.taken < this.backlog.length) {
      this.take(this.backlog[this.taken++] as Buffer);
    }
    if (this.isHeld || this.settle === null) return;
    this.backlog.length = 0;
    this.taken = 0;
    this.heardAt = Date.now();
    this.stream.resume();
  }

  private tick(): void {
    if (!this.isHeld && Date.now() - this.heardAt > SILENCE_MS) {
      this.fail(logSilent(this.session.name));
      return;
    }
    this.sendStatus(!this.isHeld && !this.hasHeard);
    this.hasHeard = false;
  }

  private sendStatus(asksForAnswer: boolean, confirmed = NOTHING): void {
    const { stream } = this;
    // A connection that has ended is reported by the driver.
    if (!stream.writable) return;
    stream.write(writeStatus({ received: this.received, confirmed, asksForAnswer }));
  }

  private fail(error: unknown): void {
    this.end((settle) => settle.reject(error));
  }

  /** Whatever ends the stream first is its outcome. */
  private end(how: (settle: NonNullable<WalStream['settle']>) => void): void {
    const { settle } = this;
    this.settle = null;
    if (settle !== null) how(settle);
  }
}

function logEnded(connection: string): MigrationError {
  return new MigrationError('CONNECTION_LOST', `connection "${connection}": the server has stopped sending its log`);
}

function logSilent(connection: string): MigrationError {
  return new MigrationError(
    'CONNECTION_LOST',
    `connection "${connection}": the server has not said for ${SILENCE_MS / 1_000} s how far its log is`,
  );
}
