import type { StoredTables } from '../../domain/planning/matchTarget';
import type { PostgresSession } from './connection';

const COLUMNS = `select relname, attname, format_type(atttypid, atttypmod), typtype = 'e'
  from pg_class c join pg_attribute on attrelid = c.oid join pg_type t on t.oid = atttypid
  where relnamespace = (select oid from pg_namespace where nspname = $1) and relname = any($2)
    and relkind in ('r', 'p', 'v', 'm', 'f') and attnum > 0 and not attisdropped`;

/** The columns of those of the named tables and views that are there. */
export async function readStoredTables(
  session: PostgresSession,
  schema: string,
  tables: readonly string[],
): Promise<StoredTables> {
  const stored = new Map<string, Map<string, { type: string; isEnum: boolean }>>();
  for (const [table, column, type, isEnum] of await session.query(COLUMNS, [schema, tables])) {
    const columns = stored.get(table ?? '') ?? new Map<string, { type: string; isEnum: boolean }>();
    columns.set(column ?? '', { type: type ?? '', isEnum: isEnum === 't' });
    stored.set(table ?? '', columns);
  }
  return stored;
}
