/** Measures the longest time between two writes that succeeded, on a clock that never jumps. */
export class WritePause {
  private last: number | null = null;
  private longest = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Call after every write that was committed. */
  wrote(): void {
    const now = this.now();
    if (this.last !== null) this.longest = Math.max(this.longest, now - this.last);
    this.last = now;
  }

  /** In milliseconds; a pause that has not ended yet counts too. */
  longestMs(): number {
    const current = this.last === null ? 0 : this.now() - this.last;
    return Math.round(Math.max(this.longest, current));
  }
}
