import { TLSSocket } from 'node:tls';
import { assert } from '../../domain/errors';
import type { Finding } from '../../domain/finding';
import { byteLength } from '../../domain/planning';
import type { PostgresSession } from './connection';
import { CONTROL_SCHEMA } from './control/schema';
import { postgresNames } from './names';
import { quoteName } from './quote';

const OLDEST_MAJOR_VERSION = 14;

const ABOUT_SERVER = `select current_setting('server_version_num')::int / 10000, current_setting('server_version'),
  current_setting('server_encoding'), pg_is_in_recovery() or current_setting('transaction_read_only') = 'on',
  current_database(), current_user, has_database_privilege(current_database(), 'CREATE')`;

const ABOUT_SCHEMA = `select has_schema_privilege(oid, 'USAGE') and has_schema_privilege(oid, 'CREATE')
  from pg_namespace where nspname = $1`;

/** A table of the control schema that this role may not write: made by the migrations of another one. */
const FOREIGN_CONTROL_TABLE = `select relname from pg_class
  where relnamespace = to_regnamespace($1) and relkind = 'r'
    and not (has_table_privilege(oid, 'SELECT') and has_table_privilege(oid, 'INSERT')
      and has_table_privilege(oid, 'UPDATE') and has_table_privilege(oid, 'DELETE')) limit 1`;

/** Everything about the server, the login and the schema that would make the migration fail later. Changes nothing. */
export async function findInPreflight(session: PostgresSession, schema: string): Promise<Finding[]> {
  const [about] = await session.query(ABOUT_SERVER);
  assert(about, 'a server tells about itself');
  const [major, version = '', encoding, readOnly, database = '', user = '', mayCreate] = about.map(
    (value) => value ?? '',
  );
  const findings: Finding[] = [];
  const add = (code: Finding['code'], severity: Finding['severity'], source: string, target: string, reason: string) =>
    findings.push({ code, severity, object: session.name, source, target, reason });

  if (Number(major) < OLDEST_MAJOR_VERSION) {
    const reason = `versions before ${OLDEST_MAJOR_VERSION} are not supported`;
    add('VERSION_UNSUPPORTED', 'blocking', `PostgreSQL ${version}`, '', reason);
  }
  if (encoding !== 'UTF8') {
    const reason = `the database cannot hold every character: make one with ENCODING 'UTF8' TEMPLATE template0`;
    add('SETTING_UNSUITABLE', 'blocking', `server_encoding ${encoding}`, '', reason);
  }
  if (readOnly === 't') {
    const reason = 'the server is a standby, or default_transaction_read_only is on: it takes no writes';
    add('SETTING_UNSUITABLE', 'blocking', 'read-only', '', reason);
  }
  if (/^pg_|^information_schema$/u.test(schema) || schema === CONTROL_SCHEMA) {
    add(
      'SETTING_UNSUITABLE',
      'blocking',
      `targetSchema ${schema}`,
      '',
      'the name is taken by the system or this program',
    );
  }
  if (byteLength(schema) > postgresNames.maxBytes) {
    const reason = `names have at most ${postgresNames.maxBytes} bytes: choose a shorter targetSchema`;
    add('SETTING_UNSUITABLE', 'blocking', `targetSchema ${schema}`, '', reason);
  }
  for (const name of [schema, CONTROL_SCHEMA]) {
    const missing = await missingRight(session, name, { database, user, mayCreate: mayCreate === 't' });
    if (missing) add('GRANT_MISSING', 'blocking', `user ${user}`, missing.grant, missing.reason);
  }
  if (mayCreate !== 't') {
    const grant = `GRANT CREATE ON DATABASE ${quoteName(database)} TO ${quoteName(user)}`;
    const reason = 'the way back behind the switch keeps the tables in a schema of its own, which must be made then';
    if (!findings.some(({ target }) => target === grant))
      add('GRANT_MISSING', 'blocking', `user ${user}`, grant, reason);
  }
  if (isPlainTextBeyondLoopback(session)) {
    const reason =
      'data and login could be read on the way: set ssl=require, or verify-full with sslca, in the connection';
    add('PLAIN_TEXT_CONNECTION', 'warning', 'not encrypted', '', reason);
  }
  return findings;
}

interface Login {
  readonly database: string;
  readonly user: string;
  readonly mayCreate: boolean;
}

/** The GRANT without which nothing can be made in the schema, or null. */
async function missingRight(
  session: PostgresSession,
  schema: string,
  { database, user, mayCreate }: Login,
): Promise<{ grant: string; reason: string } | null> {
  const [row] = await session.query(ABOUT_SCHEMA, [schema]);
  if (row === undefined) {
    if (mayCreate) return null;
    const grant = `GRANT CREATE ON DATABASE ${quoteName(database)} TO ${quoteName(user)}`;
    return { grant, reason: `the schema ${schema} is missing, and the user may not make it` };
  }
  if (row[0] !== 't') {
    const grant = `GRANT USAGE, CREATE ON SCHEMA ${quoteName(schema)} TO ${quoteName(user)}`;
    return { grant, reason: `the user may not make tables in the schema ${schema}` };
  }
  const [table] = schema === CONTROL_SCHEMA ? await session.query(FOREIGN_CONTROL_TABLE, [schema]) : [];
  if (table === undefined) return null;
  const grant = `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${quoteName(schema)} TO ${quoteName(user)}`;
  return { grant, reason: `another user made the schema ${schema}, and this one may not write its tables` };
}

function isPlainTextBeyondLoopback(session: PostgresSession): boolean {
  const { stream } = session.client.connection;
  const address = (stream as { readonly remoteAddress?: string }).remoteAddress;
  if (stream instanceof TLSSocket || address === undefined) return false;
  return !/^(?:127\.|::1$|::ffff:127\.)/u.test(address);
}
