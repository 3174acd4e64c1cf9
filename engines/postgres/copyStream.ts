import type { Duplex } from 'node:stream';
import type { Client, Connection, DatabaseError } from 'pg';
import { assert } from '../../domain/errors';

/** So much is handed to the socket before the rest waits: enough to keep it busy, little enough to stay flat. */
const WINDOW_BYTES = 1 << 20;
/** The server reads a message whole, so a large value goes out as many of them. */
const MESSAGE_BYTES = 1 << 18;

const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
const COPY_FAIL = 0x66;
/** A message's type and length (PostgreSQL manual, message formats); the length counts itself but not the type. */
export const MESSAGE_HEADER = 5;

export function writeMessageHeader(view: DataView, payload: number): void {
  view.setUint8(0, COPY_DATA);
  view.setInt32(1, payload + 4);
}

/** One message: never cut in two, or the server would take what follows for the rest of it. */
interface Message {
  /** Null when `bytes` begin with it. */
  readonly header: Uint8Array | null;
  readonly bytes: Uint8Array;
  /** True when the bytes lie in memory that is the caller's again once there is no pressure. */
  readonly borrowed: boolean;
  readonly written: (() => void) | null;
}

/**
 * One COPY … FROM STDIN over a pg connection: the driver sends the statement and hands over what the server answers,
 * and the data go straight to its socket, in order, within a window.
 */
export class CopyStream {
  #stream: Duplex | null = null;
  #queue: Message[] = [];
  #inFlight = 0;
  #borrowed = 0;
  #failure: Error | null = null;
  #rows: number | null = null;
  #relief: { readonly promise: Promise<void>; readonly resolve: () => void } | null = null;
  readonly #started = deferred<undefined>();
  readonly #ended = deferred<undefined>();

  /** Sends the statement; resolves when the server awaits data. Rejects with the driver's error. */
  static async start(client: Client, sql: string): Promise<CopyStream> {
    const copy = new CopyStream(sql);
    client.query(copy);
    await copy.#started.promise;
    return copy;
  }

  private constructor(private readonly sql: string) {
    // Both are awaited by callers only when they get there.
    this.#started.promise.catch(() => undefined);
    this.#ended.promise.catch(() => undefined);
  }

  /** What the server or the connection reported; no data are taken any more. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Sends a whole message, header included. `written` is called when its memory is free again. */
  send(bytes: Uint8Array, written: () => void): void {
    this.#enqueue({ header: null, bytes, borrowed: false, written });
  }

  /** Sends data of any size; their memory must stay as it is while there is pressure. */
  sendLarge(data: Uint8Array): void {
    for (let from = 0; from < data.length; from += MESSAGE_BYTES) {
      const bytes = data.subarray(from, from + MESSAGE_BYTES);
      const header = new DataView(new ArrayBuffer(MESSAGE_HEADER));
      writeMessageHeader(header, bytes.length);
      this.#enqueue({ header: new Uint8Array(header.buffer), bytes, borrowed: true, written: null });
    }
  }

  /** A promise while data wait for the socket, or borrowed memory is in use; a failure resolves it too. */
  pressure(): Promise<void> | null {
    if (this.#isRelieved()) return null;
    this.#relief ??= deferred();
    return this.#relief.promise;
  }

  /** Ends the COPY; answers the rows the server took. */
  async finish(): Promise<number> {
    for (let wait = this.pressure(); wait; wait = this.pressure()) await wait;
    if (this.#failure) throw this.#failure;
    this.#stream?.write(COPY_DONE);
    await this.#ended.promise;
    assert(this.#rows !== null, 'a COPY that ends without an error says how many rows it took');
    return this.#rows;
  }

  /** Makes the server give up the COPY; resolves when it has. */
  async cancel(reason: string): Promise<void> {
    if (!this.#failure) {
      this.#queue = [];
      const text = Buffer.from(`${reason}\0`);
      const message = Buffer.alloc(MESSAGE_HEADER + text.length);
      message[0] = COPY_FAIL;
      message.writeInt32BE(text.length + 4, 1);
      text.copy(message, MESSAGE_HEADER);
      this.#stream?.write(message);
    }
    await this.#ended.promise.catch(() => undefined);
  }

  #enqueue(message: Message): void {
    if (this.#failure) return;
    if (message.borrowed) this.#borrowed++;
    this.#queue.push(message);
    this.#pump();
  }

  #pump(): void {
    const stream = this.#stream;
    while (stream && this.#inFlight < WINDOW_BYTES) {
      const next = this.#queue.shift();
      if (!next) break;
      this.#inFlight += next.bytes.length;
      if (next.header) stream.write(next.header);
      stream.write(next.bytes, (error) => {
        // The driver reports a broken connection too, but only once the event loop comes to it.
        if (error) this.handleError(error);
        this.#inFlight -= next.bytes.length;
        if (next.borrowed) this.#borrowed--;
        next.written?.();
        this.#pump();
      });
    }
    if (this.#isRelieved()) this.#relieve();
  }

  #isRelieved(): boolean {
    return this.#failure !== null || (this.#queue.length === 0 && this.#borrowed === 0);
  }

  #relieve(): void {
    this.#relief?.resolve();
    this.#relief = null;
  }

  // -----------------------------------------------------------------------------------------------------------------
  // What the driver calls (pg's Submittable and the handlers of its Query)

  submit(connection: Connection): void {
    this.#stream = connection.stream;
    connection.query(this.sql);
  }

  handleCopyInResponse(): void {
    this.#started.resolve(undefined);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#rows = Number(/^COPY (\d+)/.exec(text)?.[1] ?? NaN);
  }

  handleReadyForQuery(): void {
    this.#ended.resolve(undefined);
  }

  handleError(error: DatabaseError | Error): void {
    this.#failure ??= error;
    this.#queue = [];
    this.#relieve();
    this.#started.reject(error);
    this.#ended.reject(error);
  }
}

function deferred<T = void>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
