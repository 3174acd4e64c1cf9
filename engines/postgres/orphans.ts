import type { PlannedForeignKey, PlannedTable } from '../../domain/plan';
import type { RunWork } from '../engine';
import type { PostgresSession } from './connection';
import { fence } from './control/lanes';
import { quoteName, quoteQualified } from './quote';

/**
 * Does to rows that refer to a row which is not there what their foreign key does when that row goes. Answers how many
 * there were. Idempotent. Errors: EPOCH_STALE.
 */
export async function settleOrphans(
  session: PostgresSession,
  work: RunWork,
  { targetSchema, targetName }: PlannedTable,
  { source, columns, referencedTable, referencedColumns }: PlannedForeignKey,
): Promise<number> {
  const child = quoteQualified(targetSchema, targetName);
  const parent = quoteQualified(targetSchema, referencedTable);
  const names = columns.map(quoteName);
  const matches = names.map((name, place) => `parent.${quoteName(referencedColumns[place] ?? '')} = child.${name}`);
  const orphan = `${names.map((name) => `child.${name} is not null`).join(' and ')}
    and not exists (select from ${parent} as parent where ${matches.join(' and ')})`;
  const sql =
    source.onDelete === 'SET NULL'
      ? `update ${child} as child set ${names.map((name) => `${name} = null`).join(', ')} where ${orphan}`
      : `delete from ${child} as child where ${orphan}`;
  return session.transaction(async () => {
    await fence(session, work);
    const [row] = await session.query(`with settled as (${sql} returning 1) select count(*) from settled`);
    return Number(row?.[0] ?? 0);
  });
}
