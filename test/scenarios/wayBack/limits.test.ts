import { Client } from 'pg';
import { startPostgres, type DatabaseServer } from '../../../scripts/servers';
import { query } from '../../helpers/databases';
import { FLAVOURS } from '../mysqlSource/stage';
import { sharedSource, WayBackStage } from './stage';

let target: DatabaseServer;
beforeAll(async () => {
  target = await startPostgres();
});
afterAll(() => target.remove());

/** A column as the source declares it, what it can hold at most, and what PostgreSQL's would take besides, as SQL. */
const COLUMNS: readonly [declared: string, held: readonly string[], refused: readonly string[]][] = [
  ['TINYINT', ['-128', '127'], ['-129', '128']],
  ['MEDIUMINT UNSIGNED', ['0', '16777215'], ['-1', '16777216']],
  ['INT', ['-2147483648', '2147483647'], []],
  ['BIGINT UNSIGNED', ['0', '18446744073709551615'], ['-1', '18446744073709551616', "'NaN'"]],
  ['DECIMAL(5,2) UNSIGNED', ['0', '999.99'], ['-0.01', "'NaN'"]],
  ['FLOAT', ["'3.4028235e38'", '-0.1'], ["'NaN'", "'Infinity'"]],
  ['DOUBLE', ["'1.7976931348623157e308'"], ["'-Infinity'"]],
  ['DATE', ["'0001-01-01'", "'9999-12-31'"], ["'infinity'", "'10000-01-01'", "'0001-12-31 BC'"]],
  ['DATETIME(6)', ["'9999-12-31 23:59:59.999999'"], ["'10000-01-01'", "'-infinity'"]],
  [
    'TIMESTAMP NULL',
    ["'1970-01-01 00:00:01+00'", "'2038-01-19 03:14:07+00'"],
    ["'1970-01-01 00:00:00+00'", "'2200-01-01'"],
  ],
  ['TIME(3)', ["'-838:59:59'", "'838:59:59'", "'1 day 00:00:00.5'"], ["'839:00:00'", "'1 mon'", "'1 mon -1 days'"]],
  ['YEAR', ['0', '1901', '2155'], ['1', '99', '2156']],
  ['CHAR(3)', ["'abc'", "''", "' a'"], ["'a '"]],
  ['VARCHAR(9) CHARACTER SET latin1', ["'äß€™'", "U&'\\0081'"], ["'日'", "'😀'", "U&'\\0080'"]],
  ['VARCHAR(9) CHARACTER SET ascii', ["'a~'"], ["'ä'"]],
  ['VARCHAR(9) CHARACTER SET utf8mb3', ["'日ä'"], ["'😀'"]],
  ['TINYTEXT CHARACTER SET utf8mb4', ["repeat('ä', 127)"], ["repeat('ä', 128)"]],
  ['TEXT CHARACTER SET latin1', ["repeat('ä', 65535)"], ["repeat('a', 65536)"]],
  ['BINARY(2)', ["'\\x0000'"], ["'\\x00'", "''", "'\\x000000'"]],
  ['VARBINARY(2)', ["'\\x0000'", "''"], ["'\\x000000'"]],
];

describe.each(FLAVOURS)('an application that writes on PostgreSQL after a migration from %s', (flavour) => {
  test('hears at once of what the source could not take back, and of nothing else', async () => {
    await using stage = await WayBackStage.open(sharedSource(flavour, target));
    const own =
      flavour === 'mariadb'
        ? ([['INET6', ["'::1'", "'::ffff:10.0.0.1'"], ["'2001::/16'", "'10.0.0.1'"]]] as const)
        : [];
    const columns = [...COLUMNS, ...own];
    const definitions = columns.map(([declared], place) => `c${place} ${declared}`);
    // A value beyond a day, so that the span stays one.
    const span = COLUMNS.findIndex(([declared]) => declared.startsWith('TIME('));
    await stage.onSource(`CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, ${definitions.join(', ')});
      INSERT INTO t (c${span}) VALUES ('30:00:00')`);
    await stage.copy(['primaryKey', 'identity']);
    const limits = await stage.takesBack.limits(stage.plans.map(({ table }) => table));
    await stage.changes.limit(limits);
    await stage.changes.limit(limits);
    await stage.begin();

    const client = new Client({ connectionString: stage.pair.targetUrl, options: '-c TimeZone=UTC' });
    await client.connect();
    const write = async (place: number, value: string): Promise<string> => {
      const sql = `insert into t (id, c${place}) values ((select max(id) + 1 from t), ${value})`;
      return client.query(sql).then(
        () => 'stored',
        (error: unknown) => (error as { code: string }).code,
      );
    };
    const wrong: unknown[] = [];
    for (const [place, [declared, held, refused]] of columns.entries()) {
      for (const value of held) {
        const answer = await write(place, value);
        if (answer !== 'stored') wrong.push([declared, value, answer]);
      }
      for (const value of refused) {
        const answer = await write(place, value);
        // A check, or a range of the type itself.
        if (!['23514', '22003', '22001'].includes(answer)) wrong.push([declared, value, answer]);
      }
    }
    await client.end();
    expect(wrong).toEqual([]);

    expect(await stage.drain()).toMatchObject({ kind: 'drained' });
    const { mismatches, sourceRows } = await stage.verify('t');
    expect({ mismatches, sourceRows }).toEqual({
      mismatches: 0,
      sourceRows: 1 + columns.flatMap(([, held]) => held).length,
    });
    await stage.changes.drop();
    const checks = "select conname from pg_constraint where contype = 'c' and conrelid = 't'::regclass";
    expect(await query(stage.pair.targetUrl, checks)).toEqual([]);
  }, 60_000);
});
