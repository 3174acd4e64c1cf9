import type { CanonicalType } from '../../domain/canonicalType';
import type { Column, Table } from '../../domain/catalog';
import type { PlannedTable } from '../../domain/plan';
import type { Position } from '../../domain/position';
import { labelKey } from '../../engines/mysql/binlog/layout';
import { LogReader } from '../../engines/mysql/binlog/logReader';
import { Progress, type LogPosition } from '../../engines/mysql/binlog/progress';
import { StreamedTables } from '../../engines/mysql/binlog/tables';
import { Transactions } from '../../engines/mysql/binlog/transactions';
import { KeepingSink } from '../scenarios/binlog/following';
import { thrownBy } from '../helpers/thrown';
import { RECORDED_LOGS } from './binlogEvents';

/** The recorded table. */
const COLUMNS: readonly (readonly [name: string, declared: string, type: CanonicalType])[] = [
  ['id', 'int unsigned', { kind: 'integer', bits: 32, unsigned: true }],
  ['d', 'decimal(10,3)', { kind: 'decimal', precision: 10, scale: 3 }],
  ['t', 'time(3)', { kind: 'interval', precision: 3 }],
  ['dt', 'datetime(6)', { kind: 'timestamp', precision: 6, zoned: false }],
  ['ts', 'timestamp', { kind: 'timestamp', precision: 0, zoned: true }],
  ['j', 'json', { kind: 'json' }],
  ['e', "enum('a','b')", { kind: 'enum', labels: ['a', 'b'] }],
  ['s', "set('x','y')", { kind: 'set', labels: ['x', 'y'] }],
  ['b', 'bit(12)', { kind: 'bits', length: 12 }],
  ['f', 'float', { kind: 'real' }],
  ['n', 'varchar(300)', { kind: 'text', length: 300 }],
  ['y', 'year', { kind: 'year' }],
  ['p', 'binary(4)', { kind: 'bytes', length: 4, fixed: true }],
];

const JSON_TEXT = { mysql: '{"a": null, "k": [1, -2.5, "é\\n"]}', mariadb: '{"k": [1, -2.5, "é\\n"], "a": null}' };

const FROM: Readonly<Record<'mysql' | 'mariadb', LogPosition>> = {
  mysql: { kind: 'mysqlGtid', server: 's', set: '3b8fe4cf-e5e8-11f1-aeb5-02fc00000001:1-7123' },
  mariadb: { kind: 'mariadbGtid', server: 's', set: '0-2-7640,5-1-1' },
};
const TO = {
  mysql: { kind: 'mysqlGtid', server: 's', set: '3b8fe4cf-e5e8-11f1-aeb5-02fc00000001:1-7126' },
  mariadb: { kind: 'mariadbGtid', server: 's', set: '0-2-7643,5-1-1' },
};

/** Reads a recorded log; `change` may change what is planned, or an event. */
function read(flavour: 'mysql' | 'mariadb', columns = COLUMNS, change = (event: Buffer): Buffer => event): KeepingSink {
  const table = plan(columns);
  const sink = new KeepingSink([table]);
  const labels = new Map([
    [labelKey('g', 's'), { labels: [Buffer.from('x'), Buffer.from('y')], comma: Buffer.from(',') }],
  ]);
  const reader: LogReader = new LogReader(
    new Transactions({
      tables: new StreamedTables({ database: 'g1', ignoresCase: false }, [table], labels),
      tableNames: ['g'],
      progress: new Progress(FROM[flavour]),
      sink,
      place: () => reader.place,
      onSchemaChange: () => undefined,
      readAgain: () => Promise.resolve(),
    }),
  );
  for (const hex of RECORDED_LOGS[flavour]) {
    const event = change(Buffer.from(hex, 'hex'));
    expect(reader.receive(event, 0, event.length)).toBeNull();
  }
  return sink;
}

function plan(columns: typeof COLUMNS): PlannedTable {
  const sources = columns.map(([name, declaredType, type]): Column => {
    const rest = { nullable: true, default: null, identity: null, generated: null, updatesItself: false, comment: '' };
    return { name, declaredType, type, charset: 'utf8mb4', collation: null, ...rest };
  });
  const source = { name: 'g', columns: sources, transactional: true } as unknown as Table;
  const columnsOf = sources.map((column) => ({ source: column, targetName: column.name }));
  return { source, columns: columnsOf } as unknown as PlannedTable;
}

describe.each(['mysql', 'mariadb'] as const)('a recorded log of %s', (flavour) => {
  const json = Buffer.from(JSON_TEXT[flavour]).toString('latin1');
  const inserted = [
    ...['4000000000', '-1234.500', '-00:00:00.500', '2024-02-29 12:34:56.000001', '2038-01-19 03:14:07', json],
    ...['2', 'x,y', '\x0a\x01', '0.10000000149011612', 'text', '2024', 'a\0\0\0'],
  ];
  const updated: (string | null)[] = [...inserted];
  updated[1] = null;
  updated[10] = '';
  updated[11] = '0000';

  it('gives every cell as a SELECT prints it', () => {
    const { transactions } = read(flavour);
    const rows = transactions.map(({ changes }) => changes.map(({ kind, before, after }) => [kind, before, after]));
    expect(rows).toEqual([[['insert', null, inserted]], [['update', inserted, updated]], [['delete', updated, null]]]);
    expect(transactions.map(({ position }): Position => position).at(-1)).toEqual(TO[flavour]);
    expect(transactions.map(({ committedAtMs }) => Math.floor(committedAtMs / 1000))).toEqual(
      Array(3).fill(flavour === 'mysql' ? 1_795_294_840 : 1_795_294_841),
    );
    expect(transactions.flatMap(({ changes }) => changes.map(({ cascadesLogged }) => cascadesLogged))).toEqual(
      Array(3).fill(flavour === 'mysql'),
    );
  });

  it('is refused when a byte of it is damaged', () => {
    const damage = (event: Buffer): Buffer => {
      if ([23, 30].includes(event[4]!)) event[30]! ^= 1;
      return event;
    };
    expect(thrownBy(() => read(flavour, COLUMNS, damage))).toMatchObject({ code: 'LOG_UNREADABLE' });
  });

  it.each([
    ['a column less', COLUMNS.slice(1), /^g has 13 columns in the log, and 12 in the plan/],
    ['another type', replaced('d', 'bigint', { kind: 'integer', bits: 64, unsigned: false }), /^g\.d has the type 246/],
    [
      'another precision',
      replaced('d', 'decimal(9,3)', { kind: 'decimal', precision: 9, scale: 3 }),
      /^g\.d has 10 digits/,
    ],
    ['more fractional digits', replaced('t', 'time(6)', { kind: 'interval', precision: 6 }), /^g\.t has 3 fractional/],
    ['a longer value', replaced('p', 'binary(5)', { kind: 'bytes', length: 5, fixed: true }), /^g\.p has 4 bytes/],
  ])('is refused when the plan has %s', (_, columns, reason) => {
    expect(() => read(flavour, columns)).toThrow(reason);
  });
});

test('a recorded log of mysql is refused when the plan has another sign', () => {
  const columns = replaced('id', 'int', { kind: 'integer', bits: 32, unsigned: false });
  expect(() => read('mysql', columns)).toThrow(/^g\.id is unsigned in the log/);
});

function replaced(name: string, declared: string, type: CanonicalType): typeof COLUMNS {
  return COLUMNS.map((column) => (column[0] === name ? ([name, declared, type] as const) : column));
}
