import { MigrationError } from '../../../domain/errors';

/** A transaction's name on MySQL: the server that committed it, with the tag that it may have, and a number. */
export interface MysqlGtid {
  /** 36 characters, lower case. */
  readonly uuid: string;
  /** Empty when there is none (MySQL 8.3 and later have tags). */
  readonly tag: string;
  readonly number: bigint;
}

/** Numbers from `first` to `last`, both included. */
interface Interval {
  first: bigint;
  last: bigint;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const INTERVAL = /^(\d+)(?:-(\d+))?$/;
const TAG = /^[a-z_][a-z0-9_]{0,31}$/;

/** A set of transactions' names, as MySQL writes it: `uuid:1-5:7:tag:1-3,uuid:1`. */
export class GtidSet {
  /** By uuid, then by tag; the intervals ascend and neither touch nor overlap. */
  private readonly sources = new Map<string, Map<string, Interval[]>>();

  /** Errors: INTERNAL for what is no such set. */
  static parse(text: string): GtidSet {
    const set = new GtidSet();
    for (const part of text.toLowerCase().split(',')) {
      const [uuid = '', ...rest] = part.split(':').map((word) => word.trim());
      if (uuid === '' && rest.length === 0) continue;
      if (!UUID.test(uuid)) throw notASet(text);
      let tag = '';
      for (const word of rest) {
        const numbers = INTERVAL.exec(word);
        if (numbers !== null)
          set.addInterval(uuid, tag, BigInt(numbers[1] ?? ''), BigInt(numbers[2] ?? numbers[1] ?? ''));
        else if (TAG.test(word)) tag = word;
        else throw notASet(text);
      }
    }
    return set;
  }

  add({ uuid, tag, number }: MysqlGtid): void {
    const last = this.sources.get(uuid)?.get(tag)?.at(-1);
    if (last !== undefined && number === last.last + 1n) last.last = number;
    else this.addInterval(uuid, tag, number, number);
  }

  contains(other: GtidSet): boolean {
    return [...other.intervals()].every(({ uuid, tag, first, last }) =>
      this.sources
        .get(uuid)
        ?.get(tag)
        ?.some((own) => own.first <= first && last <= own.last),
    );
  }

  /** In MySQL's own order: by uuid, in which what has no tag comes first. */
  toString(): string {
    return [...this.sources.keys()]
      .sort()
      .map((uuid) => {
        const tags = this.sources.get(uuid) ?? new Map<string, Interval[]>();
        const parts = [...tags.keys()]
          .sort()
          .flatMap((tag) => [
            ...(tag === '' ? [] : [tag]),
            ...(tags.get(tag) ?? []).map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)),
          ]);
        return [uuid, ...parts].join(':');
      })
      .join(',');
  }

  *intervals(): Generator<Interval & { uuid: string; tag: string }> {
    for (const uuid of [...this.sources.keys()].sort()) {
      const tags = this.sources.get(uuid) ?? new Map<string, Interval[]>();
      for (const tag of [...tags.keys()].sort()) {
        for (const interval of tags.get(tag) ?? []) yield { uuid, tag, ...interval };
      }
    }
  }

  private addInterval(uuid: string, tag: string, first: bigint, last: bigint): void {
    if (first < 1n || last < first) throw notASet(`${uuid}:${first}-${last}`);
    const tags = this.sources.get(uuid) ?? new Map<string, Interval[]>();
    this.sources.set(uuid, tags);
    const merged = { first, last };
    const apart = (tags.get(tag) ?? []).filter((own) => {
      if (own.last + 1n < merged.first || merged.last + 1n < own.first) return true;
      merged.first = own.first < merged.first ? own.first : merged.first;
      merged.last = own.last > merged.last ? own.last : merged.last;
      return false;
    });
    tags.set(
      tag,
      [...apart, merged].sort((a, b) => (a.first < b.first ? -1 : 1)),
    );
  }
}

function notASet(text: string): MigrationError {
  return new MigrationError('INTERNAL', `not a set of GTIDs: ${text.slice(0, 200)}`);
}
