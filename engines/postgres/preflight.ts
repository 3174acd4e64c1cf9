import { TLSSocket } from 'node:tls';
import { assert } from '../../domain/errors';
import type { Finding } from '../../domain/finding';
import { byteLength } from '../../domain/planning';
import { makeChecks } from '../../domain/preflight/checks';
import type { PostgresSession } from './connection';
import { CONTROL_SCHEMA } from './control/schema';
import { postgresNames } from './names';
import { managedFindings, managedService } from './preflight/managed';
import { occupiedFindings } from './preflight/occupied';
import { settingFindings } from './preflight/settings';
import { longTransactionFindings } from './preflight/transactions';
import { quoteName } from './quote';

const OLDEST_MAJOR_VERSION = 14;

const ABOUT_SERVER = `select current_setting('server_version_num')::int / 10000, current_setting('server_version'),
  current_setting('server_encoding'), pg_is_in_recovery() or current_setting('transaction_read_only') = 'on'`;

const ABOUT_USER = `select current_database(), current_user, has_database_privilege(current_database(), 'CREATE')`;

const ABOUT_SCHEMA = `select has_schema_privilege(oid, 'USAGE') and has_schema_privilege(oid, 'CREATE')
  from pg_namespace where nspname = $1`;

/** A table of the control schema that this role may not write: made by the migrations of another one. */
const FOREIGN_CONTROL_TABLE = `select relname from pg_class
  where relnamespace = to_regnamespace($1) and relkind = 'r'
    and not (has_table_privilege(oid, 'SELECT') and has_table_privilege(oid, 'INSERT')
      and has_table_privilege(oid, 'UPDATE') and has_table_privilege(oid, 'DELETE')) limit 1`;

/**
 * Everything about the server, the login and the schema that would make the migration fail or surprise later, all at
 * once. Changes nothing.
 */
export function findInPreflight(session: PostgresSession, schema: string): Promise<Finding[]> {
  return makeChecks(session.name, [
    { what: 'the version, the encoding and whether it takes writes', find: () => serverFindings(session) },
    { what: 'the service that runs it', find: async () => managedFindings(session, await managedService(session)) },
    { what: 'the name of the target schema', find: () => Promise.resolve(schemaNameFindings(session, schema)) },
    { what: "the user's rights", find: () => grantFindings(session, schema) },
    { what: 'the encryption of the connection', find: () => Promise.resolve(encryptionFindings(session)) },
    { what: 'the settings', find: () => settingFindings(session) },
    { what: 'what the target schema holds', find: () => occupiedFindings(session, schema) },
    { what: 'open transactions', find: () => longTransactionFindings(session) },
  ]);
}

type About = Pick<Finding, 'code' | 'severity' | 'source' | 'target' | 'reason'>;

async function serverFindings(session: PostgresSession): Promise<Finding[]> {
  const [about] = await session.query(ABOUT_SERVER);
  assert(about, 'a server tells about itself');
  const [major, version = '', encoding, readOnly] = about.map((value) => value ?? '');
  const findings: Finding[] = [];
  const add = (found: About) => findings.push({ ...found, object: session.name });
  if (Number(major) < OLDEST_MAJOR_VERSION) {
    const reason = `versions before ${OLDEST_MAJOR_VERSION} are not supported`;
    add({ code: 'VERSION_UNSUPPORTED', severity: 'blocking', source: `PostgreSQL ${version}`, target: '', reason });
  }
  if (encoding !== 'UTF8') {
    const reason = `the database cannot hold every character: make one with ENCODING 'UTF8' TEMPLATE template0`;
    add(unsuitable(`server_encoding ${encoding}`, reason));
  }
  if (readOnly === 't') {
    add(unsuitable('read-only', 'the server is a standby, or default_transaction_read_only is on: it takes no writes'));
  }
  return findings;
}

function schemaNameFindings(session: PostgresSession, schema: string): Finding[] {
  const reasons = [
    ...(/^pg_|^information_schema$/u.test(schema) || schema === CONTROL_SCHEMA
      ? [`the system or this program keeps the name ${schema} for itself: choose another targetSchema`]
      : []),
    ...(byteLength(schema) > postgresNames.maxBytes
      ? [`names have at most ${postgresNames.maxBytes} bytes, ${schema} has more: choose a shorter targetSchema`]
      : []),
  ];
  return reasons.map((reason) => ({ ...unsuitable(`targetSchema ${schema}`, reason), object: session.name }));
}

function unsuitable(source: string, reason: string): About {
  return { code: 'SETTING_UNSUITABLE', severity: 'blocking', source, target: '', reason };
}

/** The rights the user lacks, each with the statement that grants it, and on a managed service with who may run it. */
async function grantFindings(session: PostgresSession, schema: string): Promise<Finding[]> {
  const [about] = await session.query(ABOUT_USER);
  const [database = '', user = '', mayCreate] = (about ?? []).map((value) => value ?? '');
  const service = await managedService(session);
  const findings: Finding[] = [];
  const add = (grant: string, reason: string): void => {
    // The same statement may be missing for more than one reason.
    if (findings.some(({ target }) => target === grant)) return;
    findings.push({
      code: 'GRANT_MISSING',
      severity: 'blocking',
      object: session.name,
      source: `user ${user}`,
      target: grant,
      reason:
        service === null ? reason : `${reason} (run it as the owner, or as a member of ${service.administrators})`,
    });
  };
  for (const name of [schema, CONTROL_SCHEMA]) {
    const missing = await missingRight(session, name, { database, user, mayCreate: mayCreate === 't' });
    if (missing) add(missing.grant, missing.reason);
  }
  if (mayCreate !== 't') {
    add(
      `GRANT CREATE ON DATABASE ${quoteName(database)} TO ${quoteName(user)}`,
      'the trial has a schema of its own, and so have the tables that a way back behind the switch keeps',
    );
  }
  return findings;
}

function encryptionFindings(session: PostgresSession): Finding[] {
  if (!isPlainTextBeyondLoopback(session)) return [];
  const reason =
    'data and login could be read on the way: set ssl=require, or verify-full with sslca, in the connection';
  return [
    {
      code: 'PLAIN_TEXT_CONNECTION',
      severity: 'warning',
      object: session.name,
      source: 'not encrypted',
      target: '',
      reason,
    },
  ];
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
