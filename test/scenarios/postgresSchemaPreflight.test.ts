import { parseDatabaseUrl } from '../../domain/connectionUrl';
import { connect } from '../../engines/postgres/connection';
import { findInPreflight } from '../../engines/postgres/preflight';
import { execute, freshDatabase, type FreshDatabase } from '../helpers/databases';
import { sharedServers } from '../helpers/servers';

let database: FreshDatabase;
let role: string;
beforeEach(async () => {
  database = await freshDatabase(sharedServers().postgresUrl);
  role = `${database.name} "role"`;
  await execute(database.url, `create role ${quoted(role)} login password 'secret'`);
});
afterEach(async () => {
  await execute(database.url, `drop owned by ${quoted(role)} cascade`);
  await database.drop();
  await execute(sharedServers().postgresUrl, `drop role ${quoted(role)}`);
});

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

async function preflight(schema: string, url = asRole(database.url)) {
  await using session = await connect(parseDatabaseUrl('shop_pg', url));
  // What is only good to know is not there to be mended, and servers of tests do without fsync.
  return (await findInPreflight(session, schema)).filter(
    ({ severity, source }) => severity !== 'info' && source !== 'fsync = off',
  );
}

function asRole(url: string): string {
  const login = new URL(url);
  login.username = encodeURIComponent(role);
  login.password = 'secret';
  return login.href;
}

test('a superuser on a UTF-8 database has nothing to mend', async () => {
  expect(await preflight('public', database.url)).toEqual([]);
  expect(await preflight('a schema that is missing', database.url)).toEqual([]);
});

test('a plain role is told the GRANTs it needs, and with them has nothing to mend', async () => {
  await execute(database.url, 'create schema "Shop"');
  const found = await preflight('Shop');
  expect(found.map(({ code, severity, object }) => [code, severity, object])).toEqual([
    ['GRANT_MISSING', 'blocking', 'shop_pg'],
    ['GRANT_MISSING', 'blocking', 'shop_pg'],
  ]);
  expect(found.map(({ target }) => target)).toEqual([
    `GRANT USAGE, CREATE ON SCHEMA "Shop" TO ${quoted(role)}`,
    `GRANT CREATE ON DATABASE "${database.name}" TO ${quoted(role)}`,
  ]);
  await execute(database.url, found.map(({ target }) => target).join(';'));
  expect(await preflight('Shop')).toEqual([]);
});

test('a control schema of another role is told', async () => {
  await execute(
    database.url,
    `create schema temporal_migrate; create table temporal_migrate.runs ();
     grant usage, create on schema temporal_migrate to ${quoted(role)}; grant usage, create on schema public to ${quoted(role)};
     grant create on database ${database.name} to ${quoted(role)}`,
  );
  const [found, ...others] = await preflight('public');
  expect(others).toEqual([]);
  expect(found?.target).toMatch(/^GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "temporal_migrate"/);
  await execute(database.url, found?.target ?? '');
  expect(await preflight('public')).toEqual([]);
});

test('a role that cannot make a schema is told, though none is missing now: the way back needs one', async () => {
  await execute(
    database.url,
    `create schema if not exists temporal_migrate authorization ${quoted(role)}; alter schema temporal_migrate owner to ${quoted(role)};
     grant usage, create on schema public to ${quoted(role)}; revoke create on database ${database.name} from ${quoted(role)};
     drop table if exists temporal_migrate.runs`,
  );
  expect((await preflight('public')).map(({ target }) => target)).toEqual([
    `GRANT CREATE ON DATABASE "${database.name}" TO ${quoted(role)}`,
  ]);
});

test('a database in another encoding, and one that takes no writes, are told', async () => {
  const options = `encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0`;
  await using latin = await freshDatabase(sharedServers().postgresUrl, options);
  await execute(latin.url, `alter database ${latin.name} set default_transaction_read_only = on`);
  const found = await preflight('public', latin.url);
  expect(found.map(({ code, severity, source }) => [code, severity, source])).toEqual([
    ['SETTING_UNSUITABLE', 'blocking', 'server_encoding LATIN1'],
    ['SETTING_UNSUITABLE', 'blocking', 'read-only'],
  ]);
});

test.each(['pg_mine', 'information_schema', 'temporal_migrate', 'ä'.repeat(32)])(
  '%s is no schema for tables',
  async (schema) => {
    expect(await preflight(schema, database.url)).toMatchObject([{ code: 'SETTING_UNSUITABLE', severity: 'blocking' }]);
  },
);
