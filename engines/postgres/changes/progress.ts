import type { Lsn } from './lsn';
import { positionAt, type LsnPosition } from './position';

/** How far the log has been told. The server may say less while it sends a transaction: it never goes back. */
export class Progress {
  constructor(
    readonly server: string,
    private told: Lsn,
  ) {}

  get lsn(): Lsn {
    return this.told;
  }

  reach(lsn: Lsn): void {
    if (lsn > this.told) this.told = lsn;
  }

  position(): LsnPosition {
    return positionAt(this.server, this.told);
  }
}
