import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { LargeRows, largeRows } from '../../engines/mysql/largeRows';
import { PacketCutter, type PayloadHandler } from '../../engines/mysql/packets';
import { findCells } from '../../engines/mysql/rowCells';

const LONGEST = 0xff_ffff;

/** A payload as the protocol sends it: in packets of at most 16 MB, the last one shorter than that. */
function packets(payload: Buffer, firstNumber: number): Buffer {
  const parts: Buffer[] = [];
  let number = firstNumber;
  for (let at = 0; ; at += LONGEST) {
    const part = payload.subarray(at, at + LONGEST);
    const header = Buffer.alloc(4);
    header.writeUIntLE(part.length, 0, 3);
    header[3] = number++ & 0xff;
    parts.push(header, part);
    if (part.length < LONGEST) return Buffer.concat(parts);
  }
}

interface Delivered {
  readonly payload: Buffer;
  readonly sequenceId: number;
  readonly packets: number;
}

/** Feeds chunks to a cutter, which may be asked to wait after some payloads. */
function cutting(wait: (delivered: number) => Promise<void> | null = () => null) {
  const delivered: Delivered[] = [];
  const errors: unknown[] = [];
  const flow = { paused: false };
  const socket = Object.assign(new EventEmitter(), {
    pause: () => (flow.paused = true),
    resume: () => (flow.paused = false),
  }) as unknown as Socket;
  const handler: PayloadHandler = {
    payload: (bytes, start, end, sequenceId, count) => {
      delivered.push({ payload: Buffer.from(bytes.subarray(start, end)), sequenceId, packets: count });
      return wait(delivered.length);
    },
    expectedEnd: (_bytes, _start, end) => end,
    failed: (error) => errors.push(error),
  };
  return { cutter: new PacketCutter(() => socket, handler), delivered, errors, flow };
}

function split(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    if (at >= bytes.length) break;
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return at < bytes.length ? [...chunks, bytes.subarray(at)] : chunks;
}

const payloads = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 30 });
const chunkLengths = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 400 });

describe('a stream of packets', () => {
  test('is cut into the payloads that were sent, wherever the network splits it', () => {
    fc.assert(
      fc.property(payloads, chunkLengths, (sent, lengths) => {
        const { cutter, delivered } = cutting();
        const bytes = Buffer.concat(sent.map((payload, index) => packets(Buffer.from(payload), index)));
        for (const chunk of split(bytes, lengths)) cutter.execute(chunk);
        expect(delivered.map(({ payload }) => payload)).toEqual(sent.map((payload) => Buffer.from(payload)));
        expect(delivered.map(({ sequenceId }) => sequenceId)).toEqual(sent.map((_, index) => index));
      }),
    );
  });

  test('stands still while it is asked to, keeps what arrives, and goes on in order', async () => {
    await fc.assert(
      fc.asyncProperty(payloads, chunkLengths, fc.integer({ min: 1, max: 5 }), async (sent, lengths, every) => {
        let waiting = false;
        const { cutter, delivered, flow } = cutting((count) => {
          expect(waiting).toBe(false);
          if (count % every !== 0) return null;
          waiting = true;
          return new Promise((resolve) =>
            setImmediate(() => {
              waiting = false;
              resolve();
            }),
          );
        });
        const bytes = Buffer.concat(sent.map((payload) => packets(Buffer.from(payload), 0)));
        for (const chunk of split(bytes, lengths)) cutter.execute(chunk);
        while (delivered.length < sent.length || flow.paused) await new Promise(setImmediate);
        expect(delivered.map(({ payload }) => payload)).toEqual(sent.map((payload) => Buffer.from(payload)));
      }),
      { numRuns: 50 },
    );
  });

  test('leaves the connection flowing when the result ends in what was held back', async () => {
    const { cutter, delivered, flow } = cutting((payloads) => {
      if (payloads === 1) return Promise.resolve();
      cutter.close();
      return null;
    });
    cutter.execute(Buffer.concat([packets(Buffer.from('last row'), 0), packets(Buffer.from('end'), 1)]));
    expect(flow.paused).toBe(true);
    await new Promise(setImmediate);
    expect(delivered).toHaveLength(2);
    expect(flow.paused).toBe(false);
  });

  test.each([LONGEST - 1, LONGEST, LONGEST + 1, 2 * LONGEST, 2 * LONGEST + 70_000])(
    'puts a payload of %i bytes together, and hands the buffer on',
    (size) => {
      const { cutter, delivered } = cutting();
      const payload = Buffer.alloc(size, 'abcdefg');
      const bytes = Buffer.concat([
        packets(Buffer.from('before'), 0),
        packets(payload, 1),
        packets(Buffer.from('after'), 0),
      ]);
      for (const chunk of split(
        bytes,
        Array.from({ length: 2000 }, () => 65_536 - 7),
      ))
        cutter.execute(chunk);
      expect(delivered.map((each) => each.payload.length)).toEqual([6, size, 5]);
      expect(delivered[1]?.payload.equals(payload)).toBe(true);
      expect(delivered[1]).toMatchObject({ sequenceId: 1, packets: Math.floor(size / LONGEST) + 1 });
      // Nobody holds the buffer of long rows any more.
      expect(largeRows.enter()).toBeNull();
      largeRows.leave();
    },
  );

  test('lets long rows of several readers pass one at a time, and none keeps the turn of one that gave up', async () => {
    const payload = packets(Buffer.alloc(LONGEST + 10, 'x'), 0);
    let release: () => void = () => undefined;
    const first = cutting(() => new Promise((resolve) => (release = resolve)));
    const second = cutting();
    const third = cutting();
    first.cutter.execute(payload);
    expect(first.delivered).toHaveLength(1);
    second.cutter.execute(payload);
    third.cutter.execute(payload);
    expect([second.flow.paused, third.flow.paused, third.delivered.length]).toEqual([true, true, 0]);
    second.cutter.close();
    release();
    while (third.delivered.length === 0) await new Promise(setImmediate);
    expect(second.delivered).toHaveLength(0);
    expect(third.delivered[0]?.payload.length).toBe(LONGEST + 10);
    expect(largeRows.enter()).toBeNull();
    largeRows.leave();
  });

  test('ends for good with what its taker throws, or is waited for in vain', async () => {
    const error = new Error('refused');
    const bytes = Buffer.concat(['a', 'b', 'c'].map((text) => packets(Buffer.from(text), 0)));
    const throwing = cutting((count) => {
      if (count === 2) throw error;
      return null;
    });
    throwing.cutter.execute(bytes);
    throwing.cutter.execute(bytes);
    expect([throwing.delivered.length, throwing.errors]).toEqual([2, [error]]);
    const rejecting = cutting((count) => (count === 2 ? Promise.reject(error) : null));
    rejecting.cutter.execute(bytes);
    while (rejecting.errors.length === 0) await new Promise(setImmediate);
    rejecting.cutter.execute(bytes);
    expect([rejecting.delivered.length, rejecting.errors]).toEqual([2, [error]]);
  });
});

describe('the buffer of long rows', () => {
  test('grows in few steps to what is asked for, and keeps what is in it', () => {
    const rows = new LargeRows();
    const first = rows.room(4, 0);
    first.write('abcd');
    expect(rows.room(LONGEST * 4, 4)).toBe(first);
    const grown = rows.room(first.length + 1, 4);
    expect(grown.length).toBeGreaterThan(first.length);
    expect(grown.toString('latin1', 0, 4)).toBe('abcd');
    expect(rows.room(10, 0)).toBe(grown);
  });
});

/** A cell as the text protocol sends it. */
function cell(value: Buffer | null): Buffer {
  if (value === null) return Buffer.from([0xfb]);
  const { length } = value;
  if (length < 0xfb) return Buffer.concat([Buffer.from([length]), value]);
  const width = length < 1 << 16 ? 2 : length < 1 << 24 ? 3 : 8;
  const head = Buffer.alloc(1 + width);
  head[0] = width === 2 ? 0xfc : width === 3 ? 0xfd : 0xfe;
  head.writeUIntLE(length, 1, Math.min(width, 6));
  return Buffer.concat([head, value]);
}

describe('the cells of a row', () => {
  const lengths = fc.oneof(
    fc.constant(null),
    fc.constantFrom(0, 1, 250, 251, 252, 65_535, 65_536, LONGEST, LONGEST + 1),
    fc.integer({ min: 0, max: 400 }),
  );

  test('are found wherever they lie, NULL as a start of -1', () => {
    fc.assert(
      fc.property(
        fc.array(lengths, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 9 }),
        (wanted, offset) => {
          const values = wanted.map((length) => (length === null ? null : Buffer.alloc(length, 'x')));
          const row = Buffer.concat([Buffer.alloc(offset), ...values.map(cell), Buffer.from('behind')]);
          const cells = new Int32Array(values.length * 2);
          const end = row.length - 'behind'.length;
          expect(findCells(row, offset, end, values.length, cells)).toBe(end);
          const found = values.map((_, index) =>
            cells[index * 2] === -1 ? null : cells[index * 2 + 1]! - cells[index * 2]!,
          );
          expect(found).toEqual(wanted);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('tell of a row that is not whole yet that it goes on, and never too far', () => {
    fc.assert(
      fc.property(
        fc.array(lengths, { minLength: 1, maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (wanted, share) => {
          const row = Buffer.concat(wanted.map((length) => cell(length === null ? null : Buffer.alloc(length))));
          const here = Math.floor((row.length - 1) * share);
          const end = findCells(row, 0, here, wanted.length, new Int32Array(wanted.length * 2));
          expect(end).toBeGreaterThan(here);
          expect(end).toBeLessThanOrEqual(row.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});
