import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MigrationError } from '../../../domain/errors';
import type { RowSink, Source } from '../../../engines/engine';
import { mysqlSessions, query } from '../../helpers/databases';
import { ALL, CollectingSink, FLAVOURS, NEVER, planned, readAll, SourceStage, type Flavour, until } from './stage';

/** The text whose UTF-8 has these bytes, as CollectingSink shows bytes. */
const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const hex = (digits: string): string => Buffer.from(digits, 'hex').toString('latin1');

/** A column, a value as SQL, the format told for its cells, and the bytes of its cell. */
type CellCase = readonly [type: string, value: string, format: object, bytes: string | null, only?: Flavour];

const CELLS: readonly CellCase[] = [
  ['BIGINT UNSIGNED', '18446744073709551615', { kind: 'integer' }, '18446744073709551615'],
  ['INT(8) ZEROFILL', '42', { kind: 'integer' }, '42'],
  ['YEAR', "'0000'", { kind: 'integer' }, '0000'],
  [
    'DECIMAL(65,30)',
    '-99999999999999999999999999999999999.000000000000000000000000000001',
    { kind: 'decimal' },
    '-99999999999999999999999999999999999.000000000000000000000000000001',
  ],
  ['DECIMAL(8,2) ZEROFILL', '1.5', { kind: 'decimal' }, '1.50'],
  ['FLOAT', '0.1', { kind: 'double' }, '0.10000000149011612'],
  ['FLOAT', '16777217', { kind: 'double' }, '16777216'],
  ['FLOAT(10,3)', '1.2345', { kind: 'double' }, '1.2339999675750732'],
  ['DOUBLE', '1.7976931348623157e308', { kind: 'double' }, '1.7976931348623157e308'],
  ['DOUBLE', '5e-324', { kind: 'double' }, '5e-324'],
  ['DOUBLE(20,4)', '12345678901234.5678', { kind: 'double' }, '12345678901234.568'],
  ['DOUBLE ZEROFILL', '1.5', { kind: 'double' }, '1.5'],
  ['BIT(1)', "b'1'", { kind: 'bits', length: 1 }, '\x01'],
  ['BIT(12)', "b'101000000001'", { kind: 'bits', length: 12 }, '\x0a\x01'],
  ['CHAR(5)', "'ab '", { kind: 'text', charset: 'utf8mb4' }, 'ab'],
  ['VARCHAR(20)', "'é😀 '", { kind: 'text', charset: 'utf8mb4' }, bytesOf('é😀 ')],
  ['VARCHAR(20) CHARACTER SET latin1', "'é€'", { kind: 'text', charset: 'latin1' }, '\xe9\x80'],
  ['VARCHAR(20) CHARACTER SET gbk', "X'A380C4E3'", { kind: 'text', charset: 'gbk' }, '\xa3\x80\xc4\xe3'],
  ['VARCHAR(20) CHARACTER SET sjis', "X'834F815C'", { kind: 'text', charset: 'sjis' }, '\x83\x4f\x81\x5c'],
  ['VARCHAR(20) CHARACTER SET utf16', "'a😀'", { kind: 'text', charset: 'utf16' }, hex('0061d83dde00')],
  ['TEXT', "''", { kind: 'text', charset: 'utf8mb4' }, ''],
  ['TEXT', 'NULL', { kind: 'text', charset: 'utf8mb4' }, null],
  ['BINARY(4)', "'ab'", { kind: 'bytes' }, 'ab\0\0'],
  ['LONGBLOB', "X'00FF5C0A'", { kind: 'bytes' }, '\0\xff\\\n'],
  ["ENUM('a','é') CHARACTER SET latin1", "'é'", { kind: 'enum', labels: ['a', 'é'] }, '2'],
  ["ENUM('a')", "'nothing'", { kind: 'enum', labels: ['a'] }, '0'],
  ["SET('x','y','z')", "'z,x'", { kind: 'text', charset: 'utf8mb4' }, 'x,z'],
  ['DATE', "'0000-00-00'", { kind: 'date' }, '0000-00-00'],
  ['DATE', "'2000-01-00'", { kind: 'date' }, '2000-01-00'],
  ['DATETIME(3)', "'9999-12-31 23:59:59.999'", { kind: 'timestamp' }, '9999-12-31 23:59:59.999'],
  ['TIMESTAMP(6)', "'2038-01-19 03:14:07.999999'", { kind: 'timestamp' }, '2038-01-19 03:14:07.999999'],
  ['TIME(2)', "'-838:59:59'", { kind: 'time' }, '-838:59:59.00'],
  [
    'JSON',
    `'{"n": 9007199254740993, "d": 1.10, "e": "é"}'`,
    { kind: 'json' },
    bytesOf('{"d": 1.1, "e": "é", "n": 9007199254740993}'),
    'mysql',
  ],
  [
    'JSON',
    `'{"n": 9007199254740993, "d": 1.10, "e": "é"}'`,
    { kind: 'json' },
    bytesOf('{"n": 9007199254740993, "d": 1.10, "e": "é"}'),
    'mariadb',
  ],
  [
    'UUID',
    "'A3CDA7D5-00A6-4111-8146-59127A8D5E42'",
    { kind: 'uuid' },
    'a3cda7d5-00a6-4111-8146-59127a8d5e42',
    'mariadb',
  ],
  ['INET4', "'1.2.3.4'", { kind: 'inet' }, '1.2.3.4', 'mariadb'],
  ['INET6', "'::ffff:1.2.3.4'", { kind: 'inet' }, '::ffff:1.2.3.4', 'mariadb'],
];

const MANY_ROWS = `CREATE TABLE many (id INT AUTO_INCREMENT PRIMARY KEY, t VARCHAR(200) NOT NULL);
  INSERT INTO many (t) VALUES (REPEAT('x', 200)), (REPEAT('y', 150)), (REPEAT('z', 100)), ('');
  ${'INSERT INTO many (t) SELECT t FROM many;'.repeat(15)}`;
const MANY = 4 * 2 ** 15;

describe.each(FLAVOURS)('rows of a %s table', (flavour) => {
  test('come as the bytes that the server stores, each in the format that was told', async () => {
    const cases = CELLS.filter(([, , , , only]) => only === undefined || only === flavour);
    await using stage = await SourceStage.open(
      flavour,
      `CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, ${cases.map(([type], index) => `c${index} ${type} NULL`).join(', ')});
       INSERT INTO t SELECT NULL, ${cases.map(([, value]) => value).join(', ')}`,
    );
    const table = planned(await stage.table('t'));
    const formats = stage.source.cellFormats(table).slice(1);
    const [row = []] = await readAll(stage.source, table);
    expect(cases.map(([type, value], index) => [type, value, formats[index], row[index + 1]])).toEqual(
      cases.map(([type, value, format, bytes]) => [type, value, format, bytes]),
    );
  });

  test('wait while the sink is under pressure, and none comes twice or is missed', async () => {
    await using stage = await SourceStage.open(flavour, MANY_ROWS);
    const table = planned(await stage.table('many'));
    let held = false;
    let whileHeld = 0;
    let waits = 0;
    const collected = new CollectingSink();
    const sink: RowSink = {
      row: (bytes, cells) => {
        if (held) whileHeld++;
        collected.row(bytes, cells);
      },
      pressure: () => {
        if (collected.rows.length % 1000 !== 0) return null;
        held = true;
        waits++;
        return new Promise((resolve) => {
          setImmediate(() => {
            held = false;
            resolve();
          });
        });
      },
    };
    expect(await stage.source.copyRows({ table, range: ALL, signal: NEVER }, sink)).toBe(MANY);
    expect(whileHeld).toBe(0);
    expect(waits).toBe(Math.floor(MANY / 1000));
    expect(new Set(collected.rows.map(([id]) => id)).size).toBe(MANY);
    expect(collected.rows.every(([, text]) => /^(x{200}|y{150}|z{100}|)$/.test(text ?? '-'))).toBe(true);
  });

  test('stop at once when the reader is told to, and the server forgets the statement', async () => {
    await using stage = await SourceStage.open(flavour, MANY_ROWS);
    const table = planned(await stage.table('many'));
    const controller = new AbortController();
    const reason = new Error('told to stop');
    const reading = stage.source.copyRows(
      { table, range: ALL, signal: controller.signal },
      stopping(500, () => new Promise(() => undefined)),
    );
    setTimeout(() => controller.abort(reason), 100);
    const started = Date.now();
    await expect(reading).rejects.toBe(reason);
    expect(Date.now() - started).toBeLessThan(2000);
    await until(async () => (await statements(stage)).length === 0);
    await expect(
      stage.source.copyRows({ table, range: ALL, signal: controller.signal }, new CollectingSink()),
    ).rejects.toBe(reason);
    expect(await readAll(stage.source, table)).toHaveLength(MANY);
  });

  test.each([
    ['while taking a row', (error: Error) => throwing(700, error)],
    ['while being waited for', (error: Error) => stopping(700, () => Promise.reject(error))],
  ])('stop with the error that the sink has %s, and the next read works', async (_, sinkWith) => {
    await using stage = await SourceStage.open(flavour, MANY_ROWS);
    const table = planned(await stage.table('many'));
    const error = new Error('the sink is full');
    await expect(stage.source.copyRows({ table, range: ALL, signal: NEVER }, sinkWith(error))).rejects.toBe(error);
    expect(await readAll(stage.source, table)).toHaveLength(MANY);
  });

  test.each([
    ['KILL', 'CONNECTION_LOST'],
    ['KILL QUERY', 'SERVER_BUSY'],
  ])('end with a coded error when somebody runs %s', async (kill, code) => {
    await using stage = await SourceStage.open(flavour, MANY_ROWS);
    const table = planned(await stage.table('many'));
    const sink = stopping(900, async () => {
      for (const id of await statements(stage)) await query(stage.url, `${kill} ${id}`);
    });
    const error = await stage.source
      .copyRows({ table, range: ALL, signal: NEVER }, sink)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MigrationError);
    // What the server said before it closed the connection may still be on its way, or not.
    expect(['CONNECTION_LOST', code]).toContain((error as MigrationError).code);
    expect((error as MigrationError).retryable).toBe(true);
    expect(await readAll(stage.source, table)).toHaveLength(MANY);
  });

  test('of 64 MB pass in flat memory, through several lanes at once', async () => {
    await using stage = await SourceStage.open(flavour, '');
    await stage.run('SET GLOBAL max_allowed_packet = 1073741824');
    const size = 64 * 2 ** 20;
    await stage.run(
      `CREATE TABLE large (id INT PRIMARY KEY, v LONGBLOB, t VARCHAR(10));
       INSERT INTO large SELECT 1, REPEAT('abcdefgh', ${size / 8}), 'one'; INSERT INTO large SELECT 2, NULL, 'two';
       INSERT INTO large SELECT id + 2, v, t FROM large; INSERT INTO large SELECT id + 4, v, t FROM large;`,
    );
    const table = planned(await stage.table('large'));
    const before = heldBytes();
    let peak = before;
    const watching = setInterval(() => (peak = Math.max(peak, heldBytes())), 500);
    const lanes = await Promise.all([1, 2, 3].map(() => SourceStage.another(stage)));
    try {
      await Promise.all(lanes.map((source) => readLarge(source, table, size)));
    } finally {
      clearInterval(watching);
      await Promise.all(lanes.map((source) => source[Symbol.asyncDispose]()));
    }
    // One row of 64 MB is held, whoever reads it.
    expect((peak - before) / 2 ** 20).toBeLessThan(200);
  });
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is in use; network chunks that are read and not collected yet say nothing of what a reader needs. */
function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function readLarge(source: Source, table: ReturnType<typeof planned>, size: number): Promise<void> {
  const seen: string[] = [];
  const sink: RowSink = {
    row: (bytes, cells) => {
      const [, , start = 0, end = 0] = cells;
      const text = bytes.toString('latin1', cells[4], cells[5]);
      const whole = start < 0 || (end - start === size && bytes.toString('latin1', end - 8, end) === 'abcdefgh');
      seen.push(`${text} ${start < 0 ? 'NULL' : 'value'} ${whole}`);
    },
    pressure: () => new Promise(setImmediate),
  };
  expect(await source.copyRows({ table, range: ALL, signal: NEVER }, sink)).toBe(8);
  expect(seen).toEqual(Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? 'one value true' : 'two NULL true')));
}

/** A sink that asks to be waited for once, after so many rows. */
function stopping(rows: number, wait: () => Promise<void>): RowSink {
  let taken = 0;
  return {
    row: () => taken++,
    pressure: () => (taken === rows ? wait() : null),
  };
}

function throwing(rows: number, error: Error): RowSink {
  let taken = 0;
  return {
    row: () => {
      if (++taken === rows) throw error;
    },
    pressure: () => null,
  };
}

/** The connections that read `many` now. */
async function statements(stage: SourceStage): Promise<string[]> {
  const { pathname } = new URL(stage.url);
  return (await mysqlSessions(stage.url))
    .filter(({ database, statement }) => `/${database}` === pathname && /^SELECT.*`many`/.test(statement))
    .map(({ id }) => id);
}
