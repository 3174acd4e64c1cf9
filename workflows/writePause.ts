import { countWritePause } from './metrics';

/** How long nobody could write: from the freeze until somebody can write again, on either side. */
export class WritePause {
  private since: number | null = null;
  private lasted = 0;
  /** When the freeze ends at the latest, in epoch milliseconds; null while it need not. */
  deadline: number | null = null;

  /** A further freeze counts anew. */
  begin(deadline: number | null): void {
    this.since = Date.now();
    this.deadline = deadline;
  }

  end(): void {
    this.lasted = this.ms;
    if (this.since !== null) countWritePause(this.lasted);
    this.since = null;
    this.deadline = null;
  }

  get ms(): number {
    return this.since === null ? this.lasted : Date.now() - this.since;
  }
}
