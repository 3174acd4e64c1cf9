import { EVENT, HEADER_BYTES } from '../../engines/mysql/binlog/header';
import { LogReader, type EventHandler } from '../../engines/mysql/binlog/logReader';
import { PayloadEvents } from '../../engines/mysql/binlog/payload';
import { repeat } from '../../engines/mysql/binlog/repeat';

interface Header {
  readonly type: number;
  readonly endsAt?: number;
  readonly flags?: number;
}

function event({ type, endsAt = 0, flags = 0 }: Header, body = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header[4] = type;
  header.writeUInt32LE(HEADER_BYTES + body.length, 9);
  header.writeUInt32LE(endsAt, 13);
  header.writeUInt16LE(flags, 17);
  return Buffer.concat([header, body]);
}

function rotate(file: string, offset: bigint): Buffer {
  const body = Buffer.alloc(8);
  body.writeBigUInt64LE(offset);
  return event({ type: EVENT.rotate, flags: 0x20 }, Buffer.concat([body, Buffer.from(file)]));
}

describe('the reader of a log', () => {
  it('keeps account of files, and of offsets beyond the 32 bits that events tell', () => {
    const seen: unknown[] = [];
    const handler: EventHandler = {
      event: ({ type }, _bytes, _start, _end, startsAt) => {
        seen.push([type, startsAt]);
        return null;
      },
      idle: () => {
        seen.push('idle');
        return null;
      },
    };
    const reader = new LogReader(handler);
    const give = (bytes: Buffer): void => {
      expect(reader.receive(bytes, 0, bytes.length)).toBeNull();
    };
    const limit = 2 ** 32;
    give(rotate('b.000001', BigInt(limit - 100)));
    give(event({ type: EVENT.xid, endsAt: limit - 50 }));
    give(event({ type: EVENT.xid, endsAt: 30 }));
    expect(reader.place).toEqual({ file: 'b.000001', offset: limit + 30 });
    give(event({ type: EVENT.xid, endsAt: 0 }));
    give(event({ type: EVENT.heartbeat, endsAt: 30 }));
    expect(reader.place).toEqual({ file: 'b.000001', offset: limit + 30 });
    give(rotate('b.000002', 4n));
    give(event({ type: EVENT.xid, endsAt: 100 }));
    expect(reader.place).toEqual({ file: 'b.000002', offset: 100 });
    expect(seen).toEqual([
      [EVENT.xid, { file: 'b.000001', offset: limit - 50 - HEADER_BYTES }],
      [EVENT.xid, { file: 'b.000001', offset: limit + 30 - HEADER_BYTES }],
      [EVENT.xid, { file: 'b.000001', offset: limit + 30 - HEADER_BYTES }],
      'idle',
      [EVENT.xid, { file: 'b.000002', offset: 100 - HEADER_BYTES }],
    ]);
  });
});

describe('a compressed transaction', () => {
  const field = (type: number, value: number): Buffer => Buffer.from([type, 1, value]);
  const events = [
    event({ type: EVENT.query }, Buffer.alloc(70_000, 1)),
    event({ type: EVENT.xid }, Buffer.alloc(8, 2)),
  ];

  it('that is not compressed after all is taken apart, and one that ends too early is refused', () => {
    const whole = Buffer.concat([field(2, 255), Buffer.from([0]), ...events]);
    const payload = new PayloadEvents(whole, 0, whole.length);
    const types: number[] = [];
    for (let next = payload.next(); next !== null; next = payload.next())
      types.push(next.header.type, next.end - next.start);
    expect(types).toEqual([EVENT.query, 70_000, EVENT.xid, 8]);
    const torn = new PayloadEvents(whole, 0, whole.length - 1);
    torn.next();
    expect(() => torn.next()).toThrow(/ends too early/);
  });

  it('that is compressed in an unknown or a wrong way is refused', () => {
    const unknown = Buffer.concat([field(2, 7), Buffer.from([0]), ...events]);
    expect(() => new PayloadEvents(unknown, 0, unknown.length)).toThrow(/unknown way/);
    const wrong = Buffer.concat([field(2, 0), Buffer.from([0]), ...events]);
    expect(() => new PayloadEvents(wrong, 0, wrong.length).next()).toThrow(/cannot be inflated/);
  });
});

describe('steps', () => {
  it('are taken at once until one asks to wait, then one by one, and fail as they fail', async () => {
    const order: string[] = [];
    let step = 0;
    const waiting = repeat(() => {
      order.push(`step ${++step}`);
      if (step === 3) return Promise.resolve();
      return step < 5;
    });
    order.push('answered');
    await waiting;
    expect(order).toEqual(['step 1', 'step 2', 'step 3', 'answered', 'step 4', 'step 5']);
    expect(repeat(() => false)).toBeNull();
    await expect(repeat(() => Promise.reject(new Error('told')))).rejects.toThrow('told');
  });
});
