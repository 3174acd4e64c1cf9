import type { PostgresSession } from '../connection';
import { CONTROL_SCHEMA } from '../control/schema';
import { text } from '../control/decode';
import { quoteQualified } from '../quote';

/** Schemas that are neither the server's nor the migration's own memory. */
export const SCHEMAS = `select oid from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', '${CONTROL_SCHEMA}')`;

export const notOfAnExtension = (catalog: string, oid: string): string =>
  `not exists (select from pg_depend where classid = '${catalog}'::regclass and objid = ${oid} and deptype = 'e')`;

/** What a dump would be missed for. Rows' and arrays' types come with their tables and elements. */
const OBJECTS = `
  select 1 from pg_class c where relnamespace in (${SCHEMAS}) and relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c')
    and ${notOfAnExtension('pg_class', 'c.oid')}
  union all select 1 from pg_proc p where pronamespace in (${SCHEMAS}) and ${notOfAnExtension('pg_proc', 'p.oid')}
  union all select 1 from pg_type t where typnamespace in (${SCHEMAS}) and typtype in ('e', 'd', 'r')
    and ${notOfAnExtension('pg_type', 't.oid')}
  union all select 1 from pg_largeobject_metadata`;

/** How many objects of somebody the database holds, beside those of the server, of extensions and of the migration. */
export async function countObjects(session: PostgresSession): Promise<number> {
  const [row] = await session.query(`select count(*) from (${OBJECTS}) as objects`);
  return Number(row?.[0]);
}

/** A table whose rows a dump holds. */
export interface TableContent {
  readonly schema: string;
  readonly name: string;
  readonly rows: string;
  /** Of all rows, in any order; empty for tables too large to be read as text in passing. */
  readonly hash: string;
}

/** Up to this size every value of a table is compared, beyond it the number of rows. */
const HASHED_BYTES = 64 * 1024 * 1024;

const TABLES = `select nspname, relname, pg_table_size(c.oid) <= ${HASHED_BYTES}
  from pg_class c join pg_namespace n on n.oid = relnamespace
  where relkind = 'r' and relnamespace in (${SCHEMAS}) and ${notOfAnExtension('pg_class', 'c.oid')}
  order by nspname collate "C", relname collate "C"`;

/** The tables with their rows, as the session's transaction sees them. `onTable` hears of each, and may stop it. */
export async function readContents(
  session: PostgresSession,
  hashed: ReadonlySet<string> | null,
  signal: AbortSignal,
  onTable: () => void,
): Promise<TableContent[]> {
  const contents: TableContent[] = [];
  for (const [schema, name, small] of await session.query(TABLES)) {
    const table = quoteQualified(text(schema), text(name));
    const hash = (hashed === null ? small === 't' : hashed.has(table))
      ? `coalesce(sum(hashtextextended((content.*)::text, 0)), 0)::text`
      : `''`;
    const [row] = await session.query(`select count(*), ${hash} from only ${table} as content`, [], signal);
    contents.push({ schema: text(schema), name: text(name), rows: text(row?.[0]), hash: text(row?.[1]) });
    onTable();
  }
  return contents;
}

/** Sentences that name what is not the same; none where both are equal. */
export function differences(original: readonly TableContent[], restored: readonly TableContent[]): string[] {
  const found = new Map(restored.map((content) => [quoteQualified(content.schema, content.name), content]));
  const missing = original.flatMap(({ schema, name, rows, hash }) => {
    const table = quoteQualified(schema, name);
    const other = found.get(table);
    found.delete(table);
    if (other === undefined) return [`${table} is missing`];
    if (other.rows !== rows) return [`${table} has ${other.rows} rows instead of ${rows}`];
    return other.hash === hash ? [] : [`${table} has other values`];
  });
  return [...missing, ...[...found.keys()].map((table) => `${table} is there and was not before`)];
}
