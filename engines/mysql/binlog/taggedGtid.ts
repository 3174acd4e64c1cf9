import type { TransactionStart } from './gtidEvents';

/** Fields of a GTID_TAGGED event, in the order in which they come. (MySQL: control_events.h, Gtid_event::define_fields) */
const FIELD = { flags: 0, uuid: 1, number: 2, tag: 3, lastCommitted: 4, sequence: 5, commitTime: 6 } as const;
const UUID_BYTES = 16;

/** Reads the event that MySQL 8.3 and later put in front of a transaction whose GTID has a tag. */
export function readTaggedGtid(bytes: Buffer, start: number, end: number): TransactionStart {
  const fields = new Fields(bytes, start);
  // The version of the form, how long it all is, and which fields nobody may pass over.
  for (let skipped = 0; skipped < 3; skipped++) fields.unsigned();
  let [uuid, tag, number] = ['', '', 0n];
  let committedAtMs: number | null = null;
  while (fields.at < end && committedAtMs === null) {
    switch (Number(fields.unsigned())) {
      case FIELD.uuid:
        uuid = fields.uuid();
        break;
      case FIELD.number:
        number = fields.signed();
        break;
      case FIELD.tag:
        tag = fields.text();
        break;
      case FIELD.commitTime:
        committedAtMs = Number(fields.unsigned()) / 1000;
        break;
      default:
        fields.unsigned();
    }
  }
  return {
    gtid: { mysql: { uuid, tag, number } },
    committedAtMs,
    begins: false,
    mayBeUndone: false,
  };
}

/** Numbers whose first byte ends in a one for each byte more than itself. (MySQL: libs/mysql/serialization) */
class Fields {
  constructor(
    private readonly bytes: Buffer,
    public at: number,
  ) {}

  unsigned(): bigint {
    const first = this.bytes[this.at] as number;
    const length = trailingOnes(first) + 1;
    let value = 0n;
    for (let index = length - 1; index >= 0; index--) {
      value = (value << 8n) | BigInt(this.bytes[this.at + index] as number);
    }
    this.at += length;
    return value >> BigInt(length);
  }

  /** The lowest bit is the sign. */
  signed(): bigint {
    const value = this.unsigned();
    return (value & 1n) === 1n ? ~(value >> 1n) : value >> 1n;
  }

  text(): string {
    const length = Number(this.unsigned());
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }

  uuid(): string {
    const hex = Buffer.from(Array.from({ length: UUID_BYTES }, () => Number(this.unsigned()))).toString('hex');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
}

function trailingOnes(byte: number): number {
  let ones = 0;
  while ((byte >> ones) & 1) ones++;
  return ones;
}
