import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, type PostgresSession } from '../../../engines/postgres/connection';
import { BufferPool, CopyWriter } from '../../../engines/postgres/writer';
import { startPostgres } from '../../../scripts/servers';
import { execute, freshDatabase, type FreshDatabase } from '../../helpers/databases';
import { startProxy } from '../../helpers/proxy';
import { sharedServers } from '../../helpers/servers';
import {
  TEXT,
  createTable,
  giveRow,
  integer,
  planOf,
  settingsOf,
  text,
  writeAll,
  writeRows,
  type TargetColumn,
} from '../../helpers/targetRows';

const COLUMNS: readonly TargetColumn[] = [
  { name: 'n', cell: { kind: 'integer' }, type: integer(32), native: 'integer' },
  { name: 'txt', cell: TEXT, type: text(), native: 'text' },
  { name: 'bin', cell: { kind: 'bytes' }, type: { kind: 'bytes', length: null, fixed: false }, native: 'bytea' },
];
const MEGABYTE = 1 << 20;

let database: FreshDatabase;
let counter = 0;
beforeAll(async () => {
  database = await freshDatabase(sharedServers().postgresUrl);
});
afterAll(async () => database.drop());

async function newTable(columns = COLUMNS): Promise<string> {
  const name = `w${counter++}`;
  await execute(database.url, createTable(name, columns));
  return name;
}

function writerOf(session: PostgresSession, name: string, columns = COLUMNS): CopyWriter {
  const cells = columns.map(({ cell }) => cell);
  return new CopyWriter(session, new BufferPool(), planOf(name, columns), cells, () => undefined);
}

/** As giveRow, but without a copy: the cells are where they are. */
function giveLarge(writer: CopyWriter, bytes: Buffer, ...ends: number[]): void {
  writer.row(bytes, Int32Array.from(ends.flatMap((end, index) => [ends[index - 1] ?? 0, end])));
}

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

test('rows of every size arrive whole and in order, whatever the buffers hold', async () => {
  await using session = await connect(settingsOf(database.url));
  const name = await newTable();
  const sizes = [0, 1, 31, 255, 256, 257, 65_000, 65_536, 65_537, 262_130, 262_144, 300_000, 1_000_000];
  const rows = Array.from({ length: 400 }, (_, n) => {
    const size = sizes[n % sizes.length]!;
    return [String(n), 'ж'.repeat(size / 2), Buffer.alloc(size, n)] as const;
  });
  expect(await writeRows(session, name, COLUMNS, rows)).toBe(rows.length);
  const stored = await session.query(`select n, md5(convert_to(txt, 'UTF8')), md5(bin) from public.${name} order by n`);
  expect(stored).toEqual(rows.map(([n, given, bin]) => [n, md5(Buffer.from(given)), md5(bin)]));
});

test('a row of 64 MB goes from its own memory, which is free again when there is no pressure', async () => {
  await using session = await connect(settingsOf(database.url));
  const name = await newTable();
  const writer = writerOf(session, name);
  const half = 32 * MEGABYTE;
  const bytes = Buffer.allocUnsafeSlow(1 + 2 * half);
  const sums: string[][] = [];
  await session.query('begin');
  await writer.begin();
  const before = process.memoryUsage().arrayBuffers;
  for (const n of [1, 2, 3]) {
    bytes.write(String(n)).toString();
    bytes.fill(0x60 + n, 1, 1 + half).fill(n, 1 + half);
    sums.push([String(n), md5(bytes.subarray(1, 1 + half)), md5(bytes.subarray(1 + half))]);
    giveLarge(writer, bytes, 1, 1 + half, 1 + 2 * half);
    for (let pressure = writer.pressure(); pressure; pressure = writer.pressure()) await pressure;
    bytes.fill(0xff);
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * MEGABYTE);
  expect(await writer.end()).toBe(3);
  await session.query('commit');
  expect(writer.bytes).toBeGreaterThan(3 * 2 * half);
  expect(
    await session.query(`select n, md5(convert_to(txt, 'UTF8')), md5(bin) from public.${name} order by n`),
  ).toEqual(sums);
});

test('a server that takes nothing makes pressure, not memory, and takes all of it later', async () => {
  const { host, port, ...rest } = settingsOf(database.url);
  await using proxy = await startProxy(host, port);
  await using session = await connect({ ...rest, host: '127.0.0.1', port: proxy.port });
  const name = await newTable();
  const writer = writerOf(session, name);
  await session.query('begin');
  await writer.begin();
  proxy.hold();
  const value = Buffer.alloc(50_000, 7);
  let rows = 0;
  // The kernel's buffers take some; once they are full, pressure stays.
  const giveUntilStuck = async (): Promise<void> => {
    for (let isStuck = false; !isStuck;) {
      giveRow(writer, [String(rows++), 'x', value]);
      const pressure = writer.pressure();
      if (pressure) isStuck = await Promise.race([pressure.then(() => false), wait(500, true)]);
    }
  };
  await giveUntilStuck();
  expect(writer.bytes).toBeLessThan(64 * MEGABYTE);
  proxy.release();
  await writer.pressure();
  expect(await writer.end()).toBe(rows);
  await session.query('commit');
  expect(await session.query(`select count(*), sum(length(bin)) from public.${name}`)).toEqual([
    [String(rows), String(rows * value.length)],
  ]);
});

test('a refused value leaves the stream as it was before its row', async () => {
  await using session = await connect(settingsOf(database.url));
  const name = await newTable();
  const writer = writerOf(session, name);
  await session.query('begin');
  await writer.begin();
  giveRow(writer, ['1', 'a', null]);
  expect(() => giveRow(writer, ['2', 'a\0b', null])).toThrow(
    expect.objectContaining({
      name: 'RejectedValue',
      column: expect.objectContaining({ targetName: 'txt' }) as object,
    }) as Error,
  );
  expect(() => giveRow(writer, ['3', `${'x'.repeat(MEGABYTE)}\0`, null])).toThrow(/NUL/);
  giveRow(writer, ['4', 'd', null]);
  expect(await writer.end()).toBe(2);
  await session.query('commit');
  expect(await session.query(`select n from public.${name} order by n`)).toEqual([['1'], ['4']]);
});

test('a value the server refuses is told by its place, without the value', async () => {
  await using session = await connect(settingsOf(database.url));
  const narrow = COLUMNS.map((column) => (column.name === 'txt' ? { ...column, native: 'varchar(3)' } : column));
  const name = await newTable(narrow);
  const rows = [
    ['1', 'abc', null],
    ['2', 'secret', null],
  ];
  await expect(writeRows(session, name, narrow, rows)).rejects.toMatchObject({
    code: 'ROW_REJECTED',
    retryable: false,
    message: expect.stringMatching(
      new RegExp(`^table ${name}, row 2 of the chunk, target column txt: the target refuses the value: (?!.*secret)`),
    ) as string,
  });
  expect(await session.query('select 1')).toEqual([['1']]);
});

test('an enum label the server does not know is not repeated', async () => {
  await using session = await connect(settingsOf(database.url));
  await session.query(`create type public.small as enum ('a')`);
  const columns: TargetColumn[] = [
    {
      name: 'v',
      cell: { kind: 'enum', labels: ['secret'] },
      type: { kind: 'enum', labels: ['a'] },
      native: 'public.small',
    },
  ];
  const name = await newTable(columns);
  const failed = writeRows(session, name, columns, [['1']]);
  await expect(failed).rejects.toMatchObject({ code: 'ROW_REJECTED' });
  await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('secret') as string });
});

describe('a stream that is given up', () => {
  test('leaves nothing, and its session is good for the next', async () => {
    await using session = await connect(settingsOf(database.url));
    const name = await newTable();
    const writer = writerOf(session, name);
    await session.query('begin');
    await writer.begin();
    for (let n = 0; n < 10_000; n++) giveRow(writer, [String(n), 'x'.repeat(100), null]);
    await writer.abort();
    await session.query('rollback');
    expect(await session.query(`select count(*) from public.${name}`)).toEqual([['0']]);
    expect(await session.transaction(() => writeAll(writer, [['1', 'a', null]]))).toBe(1);
  });

  test('also in the middle of a large row that waits', async () => {
    const { host, port, ...rest } = settingsOf(database.url);
    await using proxy = await startProxy(host, port);
    await using session = await connect({ ...rest, host: '127.0.0.1', port: proxy.port });
    const name = await newTable();
    const writer = writerOf(session, name);
    await session.query('begin');
    await writer.begin();
    proxy.hold();
    giveRow(writer, ['1', 'x', Buffer.alloc(32 * MEGABYTE, 1)]);
    expect(writer.pressure()).not.toBeNull();
    proxy.release();
    await writer.abort();
    await session.query('rollback');
    expect(await session.query(`select count(*) from public.${name}`)).toEqual([['0']]);
  });

  test('does not wait for a server that answers no more', async () => {
    const { host, port, ...rest } = settingsOf(database.url);
    await using proxy = await startProxy(host, port);
    await using session = await connect({ ...rest, host: '127.0.0.1', port: proxy.port });
    const writer = writerOf(session, await newTable());
    await session.query('begin');
    await writer.begin();
    proxy.hold();
    giveRow(writer, ['1', 'x', Buffer.alloc(32 * MEGABYTE, 1)]);
    await writer.abort();
    await expect(session.query('rollback')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });
});

describe('a connection that breaks in the middle', () => {
  const writeUntilItFails = async (session: PostgresSession, name: string, breakIt: () => Promise<unknown>) => {
    const writer = writerOf(session, name);
    await session.query('begin');
    const rows = function* () {
      for (let n = 0; ; n++) {
        if (n === 1_000) broken = breakIt();
        yield [String(n), 'x'.repeat(1_000), null];
      }
    };
    let broken: Promise<unknown> = Promise.resolve();
    await expect(writeAll(writer, rows())).rejects.toMatchObject({ code: 'CONNECTION_LOST', retryable: true });
    await broken;
  };

  test('by the end of its server process leaves nothing', async () => {
    await using session = await connect(settingsOf(database.url));
    const name = await newTable();
    await writeUntilItFails(session, name, () =>
      execute(database.url, `select pg_terminate_backend(${session.backend.pid})`),
    );
    await using after = await connect(settingsOf(database.url));
    expect(await after.query(`select count(*) from public.${name}`)).toEqual([['0']]);
  });

  test('by a cut of the network leaves nothing', async () => {
    const { host, port, ...rest } = settingsOf(database.url);
    await using proxy = await startProxy(host, port);
    await using session = await connect({ ...rest, host: '127.0.0.1', port: proxy.port });
    const name = await newTable();
    await writeUntilItFails(session, name, () => {
      proxy.cut();
      return Promise.resolve();
    });
    await using after = await connect(settingsOf(database.url));
    expect(await after.query(`select count(*) from public.${name}`)).toEqual([['0']]);
  });

  test('by the server’s death leaves nothing once it is back', async () => {
    const server = await startPostgres();
    try {
      const settings = settingsOf(server.url('postgres'));
      await execute(server.url('postgres'), createTable('dying', COLUMNS));
      await using session = await connect(settings);
      await writeUntilItFails(session, 'dying', () => server.kill());
      await expect(connect(settings)).rejects.toMatchObject({ code: 'CONNECTION_FAILED', retryable: true });
      await server.start();
      await using after = await connect(settings);
      expect(await after.query('select count(*) from public.dying')).toEqual([['0']]);
    } finally {
      await server.remove();
    }
  });
});
