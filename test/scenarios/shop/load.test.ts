import { loadShop, type LoadedShop } from '../../../scripts/shop/load';
import { freshDatabase, query, type FreshDatabase } from '../../helpers/databases';
import { sharedServers } from '../../helpers/servers';

const ROWS = 20_000;

const EVERY_TYPE = [
  ...['tinyint', 'smallint', 'mediumint', 'int', 'bigint'].flatMap((name) => [name, `${name} unsigned`]),
  ...['tinyint(1)', 'decimal', 'float', 'double', 'bit', 'year', 'enum', 'set', 'json'],
  ...['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext'],
  ...['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'],
  ...['date', 'time', 'datetime', 'timestamp'],
];
const MARIADB_TYPES = ['uuid', 'inet4', 'inet6'];

describe.each(['mysql', 'mariadb'] as const)('the shop on %s', (flavour) => {
  let database: FreshDatabase;
  let shop: LoadedShop;
  const rowsOf = (sql: string) => query(database.url, sql);

  beforeAll(async () => {
    database = await freshDatabase(sharedServers()[`${flavour}Url`]);
    shop = await loadShop(database.url, { rows: ROWS });
  });
  afterAll(() => database.drop());

  it('has at least twelve tables and the rows it says', async () => {
    expect(Object.keys(shop.tables).length).toBeGreaterThanOrEqual(12);
    expect(shop.rows).toBeGreaterThanOrEqual(ROWS);
    for (const [table, rows] of Object.entries(shop.tables)) {
      expect([table, (await rowsOf(`SELECT COUNT(*) AS count FROM \`${table}\``))[0]?.['count']]).toEqual([
        table,
        rows,
      ]);
    }
  });

  it('has every type, and every character set that hides traps', async () => {
    const columns = await rowsOf(
      `SELECT data_type AS type, column_type AS declared, character_set_name AS charset, generation_expression AS generation
       FROM information_schema.columns WHERE table_schema = '${database.name}'`,
    );
    const types = new Set(
      columns.flatMap(({ type, declared }) => {
        const name = String(declared).includes('unsigned') ? `${String(type)} unsigned` : String(type);
        return declared === 'tinyint(1)' ? [name, 'tinyint(1)'] : [name];
      }),
    );
    // MariaDB's json is a longtext with a check.
    const wanted =
      flavour === 'mysql' ? EVERY_TYPE : [...EVERY_TYPE.filter((type) => type !== 'json'), ...MARIADB_TYPES];
    expect(wanted.filter((type) => !types.has(type))).toEqual([]);
    const charsets = new Set(columns.map(({ charset }) => charset));
    expect(['utf8mb4', 'latin1', 'gbk', 'sjis', 'ascii'].filter((charset) => !charsets.has(charset))).toEqual([]);
    const precise = new Set(columns.map(({ declared }) => String(declared)));
    for (const type of ['datetime', 'datetime(3)', 'datetime(6)', 'timestamp', 'timestamp(6)', 'time', 'time(6)']) {
      expect(precise).toContain(type);
    }
    expect(precise).toContain('decimal(65,30)');
  });

  it('refers only to rows that are there', async () => {
    const keys = await rowsOf(
      `SELECT constraint_name AS name, table_name AS child, column_name AS foreign_column,
         referenced_table_name AS parent, referenced_column_name AS parent_column
       FROM information_schema.key_column_usage
       WHERE table_schema = '${database.name}' AND referenced_table_name IS NOT NULL`,
    );
    expect(keys.length).toBeGreaterThan(15);
    for (const { name, child, foreign_column: foreign, parent, parent_column: key } of keys as Record<
      string,
      string
    >[]) {
      const [row] = await rowsOf(
        `SELECT COUNT(*) AS orphans FROM \`${child}\` c LEFT JOIN \`${parent}\` p ON p.\`${key}\` = c.\`${foreign}\`
         WHERE c.\`${foreign}\` IS NOT NULL AND p.\`${key}\` IS NULL`,
      );
      expect([name, row?.['orphans']]).toEqual([name, 0]);
    }
  });

  it('has no zero dates, and a counter that is ahead of the highest id', async () => {
    const [zero] = await rowsOf("SELECT COUNT(*) AS count FROM coupons WHERE valid_from < '1000-01-01'");
    expect(zero?.['count']).toBe(0);
    const [create] = await rowsOf('SHOW CREATE TABLE orders');
    const next = Number(/AUTO_INCREMENT=(\d+)/.exec(String(create?.['Create Table']))?.[1]);
    const [highest] = await rowsOf('SELECT MAX(id) AS id FROM orders');
    expect(next).toBeGreaterThan(Number(highest?.['id']) + 1);
  });

  it('holds what the largest types can hold, and times beyond a day', async () => {
    const [extremes] = await rowsOf(
      `SELECT (SELECT CAST(MAX(value) AS CHAR) FROM counters) AS counter,
         (SELECT MAX(transit_time) > '24:00:00' FROM shipments) AS long_time,
         (SELECT COUNT(*) - COUNT(DISTINCT logged_at, actor, detail) > 0 FROM audit_log) AS duplicates`,
    );
    expect(extremes).toEqual({ counter: '18446744073709551615', long_time: 1, duplicates: 1 });
  });

  it('is the same shop every time', async () => {
    await using again = await freshDatabase(sharedServers()[`${flavour}Url`]);
    await loadShop(again.url, { rows: ROWS });
    for (const table of Object.keys(shop.tables)) {
      const checksum = async (url: string) => (await query(url, `CHECKSUM TABLE \`${table}\``))[0]?.['Checksum'];
      expect([table, await checksum(again.url)]).toEqual([table, await checksum(database.url)]);
    }
  });

  it('refuses a database that holds tables', async () => {
    await expect(loadShop(database.url, { rows: ROWS })).rejects.toThrow('needs an empty database');
  });

  it('adds the values a migration must reject when asked to', async () => {
    await using hostile = await freshDatabase(sharedServers()[`${flavour}Url`]);
    await loadShop(hostile.url, {
      rows: ROWS,
      hostile: { zeroDates: true, nulCharacters: true, invalidEnums: true, orphans: true },
    });
    const [found] = await query(
      hostile.url,
      `SELECT (SELECT COUNT(*) FROM customers WHERE birth_date < '1900-01-01' OR MONTH(birth_date) = 0) AS zero_dates,
         (SELECT COUNT(*) FROM products WHERE INSTR(CAST(description AS BINARY), X'00')) AS nul_texts,
         (SELECT COUNT(*) FROM carts WHERE content LIKE '%u0000%') AS nul_json,
         (SELECT COUNT(*) FROM addresses WHERE kind + 0 = 0) AS invalid_enums,
         (SELECT COUNT(*) FROM reviews WHERE customer_id NOT IN (SELECT id FROM customers)) AS orphans`,
    );
    expect(found).toEqual({ zero_dates: 2, nul_texts: 1, nul_json: 1, invalid_enums: 1, orphans: 1 });
  });
});
