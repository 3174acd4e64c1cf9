import { query } from './databases';
import type { EndingCase } from './endings';

export type Snapshot = Readonly<Record<string, unknown>>;

/** Everything of the case's databases that a migration could have changed and not put back: catalogs, rights, settings, rows. */
export async function snapshot(one: EndingCase, keptSchema: string | null = null): Promise<Snapshot> {
  return { source: await sourceSnapshot(one), target: await targetSnapshot(one, keptSchema) };
}

async function sourceSnapshot({ sourceUrl, name }: EndingCase): Promise<Snapshot> {
  const rowsOf = (sql: string): Promise<unknown> => query(sourceUrl, sql);
  const tables = await query(sourceUrl, 'SHOW FULL TABLES');
  const described: Record<string, unknown> = {};
  for (const table of tables.map((row) => String(Object.values(row)[0]))) {
    described[table] = [
      await rowsOf(`SHOW CREATE TABLE \`${table}\``),
      await rowsOf(`SELECT * FROM \`${table}\` ORDER BY 1`),
    ];
  }
  return {
    tables: described,
    code: await rowsOf(
      `SELECT ROUTINE_NAME AS name FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()
       UNION ALL SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
       UNION ALL SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()`,
    ),
    account: [await rowsOf(`SHOW GRANTS FOR ${name}`), await rowsOf(`SHOW CREATE USER ${name}`)],
    administrator: [await rowsOf('SHOW GRANTS'), await rowsOf('SHOW CREATE USER CURRENT_USER()')],
    settings: await rowsOf(
      `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', 'offline_mode', 'lock_wait_timeout')`,
    ),
    persisted: await rowsOf('SELECT * FROM performance_schema.persisted_variables'),
  };
}

const OURS_NOT = `n.nspname !~ '^pg_' AND n.nspname <> ALL (ARRAY['information_schema', 'temporal_migrate', $1])`;

/** One entry an object, as the server itself spells it; names are those of the catalog columns. */
const TARGET_CATALOG: Readonly<Record<string, string>> = {
  schemas: `SELECT nspname, nspowner::regrole::text AS owner, nspacl::text, obj_description(n.oid) AS comment FROM pg_namespace n WHERE ${OURS_NOT}`,
  relations: `SELECT c.oid::regclass::text AS name, relkind, relpersistence, relowner::regrole::text AS owner, relacl::text, reloptions, relrowsecurity,
      obj_description(c.oid) AS comment, pg_get_expr(relpartbound, c.oid) AS bound FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE ${OURS_NOT}`,
  columns: `SELECT attrelid::regclass::text AS relation, attnum, attname, format_type(atttypid, atttypmod) AS type, attnotnull, attidentity, attgenerated, attacl::text,
      pg_get_expr(adbin, adrelid) AS default FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
      LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum WHERE attnum > 0 AND ${OURS_NOT}`,
  constraints: `SELECT conrelid::regclass::text AS relation, conname, pg_get_constraintdef(x.oid) AS definition, convalidated FROM pg_constraint x JOIN pg_namespace n ON n.oid = connamespace WHERE ${OURS_NOT}`,
  indexes: `SELECT pg_get_indexdef(indexrelid) AS definition, indisvalid FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_namespace n ON n.oid = relnamespace WHERE ${OURS_NOT}`,
  types: `SELECT t.oid::regtype::text AS name, typtype, typacl::text, ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder) AS labels
      FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE ${OURS_NOT}`,
  functions: `SELECT pg_get_functiondef(p.oid) AS definition, proacl::text FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE prokind <> 'a' AND ${OURS_NOT}`,
  triggers: `SELECT pg_get_triggerdef(g.oid) AS definition, tgenabled FROM pg_trigger g JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = relnamespace WHERE ${OURS_NOT}`,
  defaultRights: `SELECT defaclrole::regrole::text AS role, defaclobjtype, defaclacl::text FROM pg_default_acl, (SELECT $1::text) AS unused`,
  extensions: `SELECT extname FROM pg_extension, (SELECT $1::text) AS unused`,
};

/** Without the migration's own memory, and the schema in which a rollback keeps what was written. */
async function targetSnapshot({ targetUrl, name }: EndingCase, keptSchema: string | null): Promise<Snapshot> {
  const found: Record<string, unknown> = {};
  for (const [what, sql] of Object.entries(TARGET_CATALOG)) {
    const rows = await query(targetUrl, sql, [keptSchema ?? '']);
    found[what] = rows.map((row) => JSON.stringify(row)).sort();
  }
  const tables = await query(
    targetUrl,
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND ${OURS_NOT} ORDER BY 1`,
    [keptSchema ?? ''],
  );
  for (const table of tables.map((row) => String(row['name'])))
    found[`rows of ${table}`] = await query(targetUrl, `SELECT t::text AS row FROM ${table} t ORDER BY 1`);
  found['role'] = await query(
    targetUrl,
    `SELECT rolname, rolsuper, rolcanlogin, rolconnlimit, ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = r.oid) AS memberships,
       (SELECT array_agg(setconfig) FROM pg_db_role_setting WHERE setrole = r.oid) AS settings FROM pg_roles r WHERE rolname = $1`,
    [name],
  );
  found['database'] = await query(
    targetUrl,
    `SELECT datacl::text, datconnlimit, datallowconn, (SELECT array_agg(setconfig) FROM pg_db_role_setting WHERE setdatabase = d.oid) AS settings
     FROM pg_database d WHERE datname = current_database()`,
  );
  return found;
}

/** Where a rollback behind the switch keeps what was written on the target; null where there was none. */
export async function keptSchema(targetUrl: string): Promise<string | null> {
  const [kept] = await query(targetUrl, `SELECT nspname FROM pg_namespace WHERE nspname ~ '_rolled_back_[0-9a-f]{8}$'`);
  return kept === undefined ? null : String(kept['nspname']);
}

/**
 * What the rollback log on the target says: what was made or changed, newest first, and what of it was not undone. What
 * is kept on purpose is not counted as that.
 */
export async function loggedUndo(
  targetUrl: string,
  kept: string | null,
): Promise<{ readonly made: string[]; readonly left: string[] }> {
  const [there] = await query(targetUrl, `SELECT to_regclass('temporal_migrate.rollback_log') AS log`);
  if (there?.['log'] === null) return { made: [], left: [] };
  const rows = await query(
    targetUrl,
    `SELECT concat_ws(' ', place, kind, schema_name, name) AS object,
       undone_at IS NULL AND undo <> '' AND coalesce($1 NOT IN (schema_name, name), true) AS open
     FROM temporal_migrate.rollback_log ORDER BY number DESC`,
    [kept],
  );
  const objects = (some: typeof rows): string[] => some.map(({ object }) => String(object));
  return { made: objects(rows), left: objects(rows.filter(({ open }) => open === true)) };
}
