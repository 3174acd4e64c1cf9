import type { Probe, ServerFolder } from '../engine';
import type { PostgresSession } from './connection';

const ROW_BYTES = 65_536;

/** Our own sessions are pinned to UTC; reset_val is what the server, the database or the role says. */
const OFFSET = `select extract(epoch from (now() at time zone reset_val) - (now() at time zone 'UTC')) / 60
  from pg_settings where name = 'TimeZone'`;

export function postgresProbe(session: PostgresSession): Probe {
  const number = async (sql: string): Promise<number> => Number((await session.query(sql))[0]?.[0]);
  return {
    async ping() {
      await session.query('select 1');
    },
    async readGenerated(bytes) {
      const rows = await session.query(`select repeat('x', ${ROW_BYTES}) from generate_series(1, $1::int)`, [
        Math.ceil(bytes / ROW_BYTES),
      ]);
      return rows.reduce((total, [text]) => total + (text?.length ?? 0), 0);
    },
    clockMs: async () => Math.round((await number('select extract(epoch from clock_timestamp())')) * 1_000),
    utcOffsetMinutes: async () => Math.round(await number(OFFSET)),
  };
}

/** What it takes to know the folder: the setting is hidden from plain roles, and the function needs a grant. */
const MAY_LOOK = `select (pg_has_role('pg_read_all_settings', 'USAGE') or current_setting('is_superuser') = 'on')
  and has_function_privilege('pg_stat_file(text)', 'EXECUTE')`;

/** A database in a tablespace of its own has its tables there. */
const FOLDER = `select folder, extract(epoch from (pg_stat_file(folder)).modification)::bigint
  from (select coalesce(nullif(pg_tablespace_location(dattablespace), ''), current_setting('data_directory')) as folder
    from pg_database where datname = current_database()) as place`;

export async function readDataFolder(session: PostgresSession): Promise<ServerFolder | null> {
  const [allowed] = await session.query(MAY_LOOK);
  if (allowed?.[0] !== 't') return null;
  const [row] = await session.query(FOLDER);
  return row?.[0] ? { path: row[0], modifiedSeconds: Number(row[1]) } : null;
}
