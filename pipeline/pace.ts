/** Rows that may come at once after an idle moment, in seconds of the rate. */
const BURST_SECONDS = 0.1;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Keeps all lanes of one activity together at so many rows a second: each row takes a token, tokens come with the
 * time, and rows that were already on their way when none was left are owed. The rate can change at any moment.
 */
export class PaceLimiter {
  #rowsPerSecond = 0;
  #tokens = 0;
  #countedAt = 0;
  #wait: { readonly promise: Promise<void>; readonly resolve: () => void; timer: NodeJS.Timeout | null } | null = null;

  /** 0 is unlimited. Takes effect at once, also for who is waiting; what is owed at the old rate is forgiven. */
  setRate(rowsPerSecond: number): void {
    if (rowsPerSecond === this.#rowsPerSecond) return;
    this.#rowsPerSecond = rowsPerSecond;
    this.#tokens = 0;
    this.#countedAt = performance.now();
    this.#schedule();
  }

  /** Counts one row. */
  count(): void {
    this.#tokens--;
  }

  /** A promise while the rows are ahead of the rate; null when the next may come. */
  pressure(): Promise<void> | null {
    if (this.#isOpen()) return null;
    const wait = (this.#wait ??= { ...deferred(), timer: null });
    // The time since may just have brought a token: then the wait is over before it is handed out.
    this.#schedule();
    return wait.promise;
  }

  #isOpen(): boolean {
    if (this.#rowsPerSecond === 0 || this.#tokens > 0) return true;
    const now = performance.now();
    const earned = ((now - this.#countedAt) / 1000) * this.#rowsPerSecond;
    this.#tokens = Math.min(this.#tokens + earned, Math.max(1, this.#rowsPerSecond * BURST_SECONDS));
    this.#countedAt = now;
    return this.#tokens > 0;
  }

  /** Wakes who waits as soon as there is a token, by the present rate. */
  #schedule(): void {
    const wait = this.#wait;
    if (wait === null) return;
    if (wait.timer) clearTimeout(wait.timer);
    if (this.#isOpen()) {
      this.#wait = null;
      wait.resolve();
      return;
    }
    const missingMs = Math.ceil(((1 - this.#tokens) / this.#rowsPerSecond) * 1000);
    wait.timer = setTimeout(() => this.#schedule(), Math.min(missingMs, LONGEST_TIMER_MS));
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((onResolve) => (resolve = onResolve));
  return { promise, resolve };
}
