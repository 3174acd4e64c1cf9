import { randomBytes } from 'node:crypto';
import type { PostgresSession } from '../connection';
import { text } from '../control/decode';
import { DATABASE, type MadeLog, type MadeObject } from '../control/made';
import { quoteName, quoteText } from '../quote';

/** A name that nobody else has, told apart by run and attempt. */
export function scratchName(runId: string): string {
  const run = runId
    .replace(/[^A-Za-z0-9]/gu, '')
    .slice(-8)
    .toLowerCase();
  return `temporal_migrate_scratch_${run}_${randomBytes(6).toString('hex')}`;
}

/** What of a database its copy must have, so that every index and every check means the same there. */
const LIKE = `select datcollate, datctype, pg_encoding_to_char(encoding), to_jsonb(d) ->> 'datlocprovider',
  coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'), to_jsonb(d) ->> 'daticurules'
  from pg_database d where datname = current_database()`;

/** Makes an empty database like the session's own. It is entered in the rollback log before, in case of a crash. */
export async function makeScratch(session: PostgresSession, made: MadeLog, runId: string): Promise<string> {
  const name = scratchName(runId);
  const [row] = await session.query(LIKE);
  const [collate, ctype, encoding] = [text(row?.[0]), text(row?.[1]), text(row?.[2])];
  const sql = [
    `CREATE DATABASE ${quoteName(name)} TEMPLATE template0 ENCODING ${quoteText(encoding)}`,
    `LC_COLLATE ${quoteText(collate)} LC_CTYPE ${quoteText(ctype)}`,
    ...providerClauses(row?.[3] ?? null, row?.[4] ?? null, row?.[5] ?? null),
  ];
  await made.record(runId, madeDatabase(name));
  await session.query(sql.join(' '));
  // It holds other people's data without their grants.
  await session.query(`REVOKE ALL ON DATABASE ${quoteName(name)} FROM PUBLIC`);
  return name;
}

/** Collations by another library than the C library's, which servers of version 15 and later know. */
function providerClauses(provider: string | null, locale: string | null, rules: string | null): string[] {
  const own = locale === null ? '' : quoteText(locale);
  if (provider === 'i')
    return [`LOCALE_PROVIDER icu ICU_LOCALE ${own}`, ...(rules === null ? [] : [`ICU_RULES ${quoteText(rules)}`])];
  return provider === 'b' ? [`LOCALE_PROVIDER builtin BUILTIN_LOCALE ${own}`] : [];
}

function madeDatabase(name: string): MadeObject {
  return { kind: DATABASE, schema: '', name, undo: `DROP DATABASE IF EXISTS ${quoteName(name)} WITH (FORCE)` };
}
