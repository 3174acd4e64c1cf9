import { Client } from 'pg';
import { corpusTables, loadCorpus, type CorpusTable } from '../../helpers/corpus';
import { isRejected, readBack } from '../../helpers/corpus/readBack';
import { freshDatabase, query, type FreshDatabase } from '../../helpers/databases';
import { sharedServers } from '../../helpers/servers';

/** What a migration to PostgreSQL has to stand: the sections of the list of values, and how many each has. */
const SECTIONS = { A: 17, B: 7, C: 16, D: 16, E: 8, F: 9 };
const SCHEMA = ['H4', 'H5', 'H6', 'H7', 'H9', 'H12', 'H17'];
/** What the other server alone can hold. */
const ELSEWHERE = { mysql: ['E6', 'E7'], mariadb: ['F4', 'F7'] };

describe.each(['mysql', 'mariadb'] as const)('the corpus of values on %s', (flavour) => {
  let database: FreshDatabase;
  let tables: CorpusTable[];

  beforeAll(async () => {
    const url = sharedServers()[`${flavour}Url`];
    const [row] = await query(url, 'SELECT VERSION() AS version');
    tables = corpusTables(flavour, String(row?.['version']).replace(/[^0-9.].*$/, ''));
    database = await freshDatabase(url);
    await loadCorpus(database.url, tables);
  });
  afterAll(() => database.drop());

  it('covers the list', () => {
    const covered = new Set(tables.flatMap(({ covers }) => covers));
    const listed = Object.entries(SECTIONS).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
    );
    const missing = [...listed, ...SCHEMA].filter((each) => !covered.has(each));
    expect(missing).toEqual(ELSEWHERE[flavour]);
  });

  it('is stored by the server as it says', async () => {
    for (const table of tables) {
      const { stored, meant } = await readBack(database.url, table);
      expect([table.name, ...stored]).toEqual([table.name, ...meant]);
    }
  });

  it('is spelled by PostgreSQL as it expects', () =>
    withPostgres(async (client) => {
      await client.query('BEGIN');
      for (const table of tables) await expectSpelling(client, table);
    }));

  it("expects of JSON and sets what PostgreSQL makes of the server's own words", () =>
    withPostgres(async (client) => {
      for (const table of tables) {
        for (const { name, type } of table.columns) {
          if (!(type in FROM_SOURCE_TEXT) || table.expected.some((row) => isRejected(row[name]))) continue;
          const rows = await query(database.url, `SELECT CAST(\`${name}\` AS CHAR) AS said FROM \`${table.name}\``);
          const { rows: made } = await client.query<{ text: string | null }>(
            `SELECT (${String(FROM_SOURCE_TEXT[type])})::text AS text FROM unnest($1::text[]) AS said`,
            [rows.map(({ said }) => said)],
          );
          const expected = table.expected.map((row) => JSON.stringify(row[name]));
          expect([table.name, ...made.map(({ text }) => JSON.stringify(text)).sort()]).toEqual([
            table.name,
            ...expected.sort(),
          ]);
        }
      }
    }));
});

/** How PostgreSQL reads what the source says of a value; no label of a set has a comma in it. */
const FROM_SOURCE_TEXT: Readonly<Record<string, string>> = {
  jsonb: 'said::jsonb',
  'text[]': "string_to_array(said, ',')",
};

async function withPostgres(work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({
    connectionString: new URL('/postgres', sharedServers().postgresUrl).href,
    options: '-c TimeZone=UTC -c extra_float_digits=1',
  });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** Writes a table's texts by hand into columns of its types, and reads them back. */
async function expectSpelling(client: Client, table: CorpusTable): Promise<void> {
  for (const { name, type, labels, byDefault } of table.columns) {
    await client.query('DROP TABLE IF EXISTS written; DROP TYPE IF EXISTS pg_temp.labels');
    if (labels !== undefined) {
      const list = labels.map((label) => client.escapeLiteral(label)).join(', ');
      await client.query(`CREATE TYPE pg_temp.labels AS ENUM (${list})`);
    }
    const target = labels === undefined ? type : 'pg_temp.labels';
    await client.query(`CREATE TEMP TABLE written (n int, value ${target})`);
    const arriving = table.expected.map((row) => (isRejected(row[name]) ? row[name].becomes : row[name]));
    const texts = [...arriving, byDefault].filter((each) => typeof each === 'string');
    await client.query(
      `INSERT INTO written SELECT n, text::${target} FROM unnest($1::text[]) WITH ORDINALITY AS given (text, n)`,
      [texts],
    );
    const { rows } = await client.query<{ text: string }>('SELECT value::text AS text FROM written ORDER BY n');
    expect([table.name, name, ...rows.map(({ text }) => text)]).toEqual([table.name, name, ...texts]);
    if (labels === undefined) expect([table.name, name, await typeOf(client)]).toEqual([table.name, name, type]);
  }
}

async function typeOf(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ type: string }>(
    `SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = 'written'::regclass AND attname = 'value'`,
  );
  return rows[0]?.type;
}
