import { MigrationError } from '../../../domain/errors';

/** A transaction's name on MariaDB: `domain-server-sequence`. */
export interface MariadbGtid {
  readonly domain: number;
  readonly server: number;
  readonly sequence: bigint;
}

const GTID = /^(\d+)-(\d+)-(\d+)$/;

/** The last transaction of each domain, as MariaDB writes it: `0-1-100,1-1-50`. */
export class MariadbGtids {
  private readonly last = new Map<number, MariadbGtid>();

  /** Errors: INTERNAL for what is no such list. */
  static parse(text: string): MariadbGtids {
    const gtids = new MariadbGtids();
    for (const part of text.split(',').map((each) => each.trim())) {
      if (part === '') continue;
      const numbers = GTID.exec(part);
      if (numbers === null) throw new MigrationError('INTERNAL', `not a list of GTIDs: ${text.slice(0, 200)}`);
      gtids.add({ domain: Number(numbers[1]), server: Number(numbers[2]), sequence: BigInt(numbers[3] ?? '') });
    }
    return gtids;
  }

  add(gtid: MariadbGtid): void {
    this.last.set(gtid.domain, gtid);
  }

  /** Within a domain the numbers ascend. */
  contains(other: MariadbGtids): boolean {
    return [...other.last.values()].every(
      ({ domain, sequence }) => (this.last.get(domain)?.sequence ?? -1n) >= sequence,
    );
  }

  toString(): string {
    return [...this.last.values()]
      .sort((a, b) => a.domain - b.domain)
      .map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`)
      .join(',');
  }
}
