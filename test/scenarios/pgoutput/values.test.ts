import { startPostgres, type DatabaseServer } from '../../../scripts/servers';
import type { Cells, ToldChange } from '../binlog/following';
import { UNCHANGED } from '../binlog/following';
import { PgoutputStage } from './stage';

let server: DatabaseServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => server.remove());

/** A column type, values as SQL, and SQL that says in another way than the stream does what a value's cell is. */
interface Corpus {
  readonly type: string;
  readonly values: readonly string[];
  readonly cell?: string;
  /** Brings both to one spelling. */
  readonly spell?: (cell: string) => string;
}

const quoted = (...values: readonly string[]): string[] => values.map((value) => `'${value}'`);
const utf8 = (sql: string): string => `convert_to(${sql}, 'UTF8')`;
const INTEGERS = (bits: number): string[] =>
  quoted('0', '-1', String(-(2n ** BigInt(bits - 1))), String(2n ** BigInt(bits - 1) - 1n));
const DATES = ['0001-01-01', '2000-02-29', '9999-12-31', '10000-01-01', '0044-03-15 BC', 'infinity', '-infinity'];
const MOMENTS = [
  ...['1970-01-01 00:00:00', '2024-02-29 23:59:59.999999', '2024-01-01 00:00:00.5', '0001-01-01 00:00:00'],
  ...['294276-12-31 23:59:59.999999', '4713-01-02 00:00:00 BC', 'infinity', '-infinity'],
];
const REALS = [
  '0',
  '-0',
  '0.1',
  '1.5',
  '3.4028235e38',
  '1e-45',
  '-1.17549435e-38',
  '16777216',
  '123456.79',
  'NaN',
  'Infinity',
  '-Infinity',
];
const TEXTS = quoted('', 'a', 'äöü €', '😀', 'line\nbreak', "it''s", '\\x41', 'NULL', ' padded ', '\t\u0001');
const JSONS = quoted('null', '{}', '{"b": 1, "a": [1.10, "ü", null]}', '"😀"', '12345678901234567890.0001');
const asNumber = (cell: string): string => (Object.is(Number(cell), -0) ? '-0' : String(Number(cell)));
const bits = (length: number): string => `decode(lpad(to_hex(v::bigint), ${Math.ceil(length / 8) * 2}, '0'), 'hex')`;

const CORPUS: Readonly<Record<string, Corpus>> = {
  a_boolean: { type: 'boolean', values: ['true', 'false'], cell: utf8('v::int::text') },
  a_smallint: { type: 'smallint', values: INTEGERS(16) },
  an_integer: { type: 'integer', values: INTEGERS(32) },
  a_bigint: { type: 'bigint', values: INTEGERS(64) },
  an_unsigned: { type: 'numeric(20,0)', values: quoted('0', '18446744073709551615', 'NaN') },
  a_decimal: {
    type: 'numeric(65,30)',
    values: quoted('0', '-0.000000000000000000000000000001', '9'.repeat(35), 'NaN'),
  },
  a_fraction: { type: 'numeric(5,2)', values: quoted('1.50', '-999.99', '0.10') },
  a_real: { type: 'real', values: quoted(...REALS), cell: utf8('v::float8::text'), spell: asNumber },
  a_double: {
    type: 'double precision',
    values: quoted(
      '0',
      '-0',
      '0.1',
      '1.7976931348623157e308',
      '5e-324',
      '1e22',
      '123456789.123456789',
      'NaN',
      '-Infinity',
    ),
  },
  one_bit: { type: 'bit(1)', values: ["B'0'", "B'1'"], cell: bits(1) },
  five_bits: { type: 'bit(5)', values: ["B'00000'", "B'10011'", "B'11111'"], cell: bits(5) },
  nine_bits: { type: 'bit(9)', values: ["B'000000001'", "B'100000000'", "B'101010101'"], cell: bits(9) },
  many_bits: { type: 'bit(64)', values: [`B'${'1'.repeat(64)}'`, `B'1${'0'.repeat(63)}'`], cell: bits(64) },
  a_text: { type: 'text', values: [...TEXTS, "repeat('ü', 5000)"] },
  a_varchar: { type: 'varchar(20)', values: TEXTS },
  bytes: {
    type: 'bytea',
    values: ["''", "'\\x00'", "'\\x00ff5c78275c'", "decode(repeat('00ff10', 3000), 'hex')"],
    cell: 'v',
  },
  an_enum: {
    type: 'mood',
    values: quoted('', 'sad', 'a label, with "all"', 'ü'),
    cell: utf8('array_position(enum_range(null::mood), v)::text'),
  },
  a_set: {
    type: 'text[]',
    values: quoted('{}', '{a}', '{b,a}', '{"with space","q\\"uote","back\\\\slash","br{ace}"}', '{ü,"NULL",null_}'),
    cell: utf8("array_to_string(v, ',')"),
  },
  no_set: {
    type: 'text[]',
    values: quoted('{NULL}', '{a,NULL}', '{""}', '{a,""}', '{"a,b"}', '{{a,b},{c,d}}', '[2:3]={a,b}'),
  },
  a_json: { type: 'json', values: [...JSONS, '\' { "kept" :  1 , "kept" : 2 } \''] },
  a_jsonb: { type: 'jsonb', values: JSONS },
  a_date: { type: 'date', values: quoted(...DATES) },
  a_time: { type: 'time(6)', values: quoted('00:00:00', '23:59:59.999999', '24:00:00', '12:00:00.5') },
  a_timestamp: { type: 'timestamp(6)', values: quoted(...MOMENTS) },
  whole_seconds: { type: 'timestamp(0)', values: quoted('2024-02-29 23:59:59') },
  an_instant: {
    type: 'timestamptz(6)',
    values: quoted(...MOMENTS, '2024-06-01 12:00:00+05:30'),
    cell: utf8(`case when v::text like '%BC' then v::text else (v at time zone 'UTC')::text end`),
  },
  a_span: {
    type: 'interval',
    values: quoted(
      ...['00:00:00', '838:59:59', '-838:59:59.000001', '1 day', '-1 day', '1 day 02:03:04.5', '-1 days +02:03:04'],
      ...['1 day -02:03:04', '3 days -00:00:00.000001', '1 year 2 mons', '1 mon -1 days', 'infinity', '00:00:00.1'],
    ),
    cell: utf8(`case when not isfinite(v) or extract(year from v) <> 0 or extract(month from v) <> 0 then v::text else
      (make_interval(hours => extract(day from v)::int * 24) + (v - make_interval(days => extract(day from v)::int)))::text end`),
  },
  a_uuid: {
    type: 'uuid',
    values: quoted('00000000-0000-0000-0000-000000000000', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),
  },
  an_address: {
    type: 'inet',
    values: quoted('192.168.0.1', '10.0.0.0/8', '::1', '2001:db8::/32'),
    cell: utf8('abbrev(v)'),
  },
};

const TYPES = `create type mood as enum ('', 'sad', 'a label, with "all"', 'ü')`;

function createTables(): string {
  const tables = Object.entries(CORPUS).map(
    ([name, { type }]) => `create table "${name}" (id int primary key, v ${type}, touched int not null default 0)`,
  );
  return [TYPES, ...tables].join(';\n');
}

/** What the changes make of tables that were empty; a row that is changed must be there, byte by byte. */
class Replayed {
  private readonly rows = new Map<string, Cells>();

  apply(changes: readonly ToldChange[]): void {
    for (const { table, before, after } of changes) {
      if (before !== null) {
        const key = `${table} ${String(before[0])}`;
        expect([key, before]).toEqual([key, this.rows.get(key)]);
        this.rows.delete(key);
      }
      if (after !== null) this.rows.set(`${table} ${String(after[0])}`, after);
    }
  }

  cells(): Record<string, string | null> {
    return Object.fromEntries(
      [...this.rows].map(([key, cells]) => {
        const spell = CORPUS[key.split(' ')[0]!]?.spell ?? ((cell: string) => cell);
        const cell = cells[1] ?? null;
        return [`${key} touched ${String(cells[2])}`, cell === null ? null : spell(cell)];
      }),
    );
  }
}

async function stored(stage: PgoutputStage): Promise<Record<string, string | null>> {
  const cells: Record<string, string | null> = {};
  await stage.write("set timezone = 'UTC'; set extra_float_digits = 3");
  for (const [name, { cell = utf8('v::text'), spell = (text: string) => text }] of Object.entries(CORPUS)) {
    const { rows } = await stage.session.query<{ id: number; cell: Buffer | null; touched: number }>(
      `select id, touched, ${cell} as cell from "${name}"`,
    );
    for (const { id, touched, cell: bytes } of rows) {
      cells[`${name} ${id} touched ${touched}`] = bytes === null ? null : spell(bytes.toString('latin1'));
    }
  }
  return cells;
}

test('values of every type are told as a SELECT tells them, inserted, updated and deleted', async () => {
  await using stage = await PgoutputStage.open(server, createTables());
  const rows = new Replayed();
  for (const [name, { values }] of Object.entries(CORPUS)) {
    const listed = ['null', ...values].map((value, id) => `(${id}, ${value})`).join(', ');
    await stage.write(`insert into "${name}" (id, v) values ${listed}`);
  }
  const inserted = await stage.follow();
  rows.apply(inserted.changes);
  expect(rows.cells()).toEqual(await stored(stage));
  expect(inserted.changes.length).toBeGreaterThan(150);
  for (const name of Object.keys(CORPUS)) await stage.write(`update "${name}" set touched = 1`);
  const updated = await stage.follow(inserted.position);
  rows.apply(updated.changes);
  expect(rows.cells()).toEqual(await stored(stage));
  for (const name of Object.keys(CORPUS)) await stage.write(`delete from "${name}"`);
  rows.apply((await stage.follow(updated.position)).changes);
  expect(rows.cells()).toEqual({});
});

const LARGE = `(select string_agg(md5(n::text), '') from generate_series(1, 1000) n)`;

test('a large value that an update leaves alone is told from the old row, or as left out where the log has none', async () => {
  const tables = `create table whole (id int primary key, n int, large text, gone int, mood text);
    alter table whole drop column gone; create table by_key (like whole including all);
    insert into whole select 1, 1, ${LARGE}; insert into by_key select * from whole`;
  await using stage = await PgoutputStage.open(server, tables, {
    published: 'alter table by_key replica identity default',
    tellsPartialRows: true,
  });
  const large = await stage.value('select large from whole');
  for (const name of ['whole', 'by_key']) {
    await stage.write(
      `update ${name} set n = 2`,
      `update ${name} set id = 7`,
      `update ${name} set large = 'short'`,
      `delete from ${name}`,
    );
  }
  const { changes } = await stage.follow();
  const images = (table: string) =>
    changes.filter((change) => change.table === table).map(({ before, after }) => [before, after]);
  expect(images('whole')).toEqual([
    [
      ['1', '1', large, null],
      ['1', '2', large, null],
    ],
    [
      ['1', '2', large, null],
      ['7', '2', large, null],
    ],
    [
      ['7', '2', large, null],
      ['7', '2', 'short', null],
    ],
    [['7', '2', 'short', null], null],
  ]);
  const beside = [UNCHANGED, UNCHANGED, UNCHANGED];
  expect(images('by_key')).toEqual([
    [
      ['1', ...beside],
      ['1', '2', UNCHANGED, null],
    ],
    [
      ['1', ...beside],
      ['7', '2', UNCHANGED, null],
    ],
    [
      ['7', ...beside],
      ['7', '2', 'short', null],
    ],
    [['7', ...beside], null],
  ]);
});
