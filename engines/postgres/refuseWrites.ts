import { MigrationError } from '../../domain/errors';
import type { TablePlan } from '../../domain/plan';
import type { RunKey } from '../engine';
import type { PostgresSession } from './connection';
import { TRIGGER as TRIGGER_KIND, type MadeLog } from './control/made';
import { quoteName, quoteQualified } from './quote';
import { changing } from './undoSteps';

const TRIGGER = 'temporal_migrate_refuses_writes';
const FUNCTION = 'temporal_migrate.refuse_writes';

/** "read_only_sql_transaction": what an application that meets it takes for a server that takes no writes now. */
const REFUSE = `create or replace function ${FUNCTION}() returns trigger language plpgsql as $$
begin
  raise exception 'table % takes no writes any more: its migration is rolled back', tg_table_name using errcode = '25006';
end $$`;

/**
 * Has the run's tables refuse every write, of superusers, too. A trigger on a table is made when no transaction has
 * written to it that is still open, so that whatever is committed lies behind it. Idempotent. Errors: EPOCH_STALE before
 * the commit point; SERVER_BUSY while a transaction stays open.
 */
export async function refuseWrites(
  session: PostgresSession,
  made: MadeLog,
  { runId }: RunKey,
  plans: readonly TablePlan[],
): Promise<void> {
  await session.query(REFUSE);
  for (const { table } of plans) {
    await changing(session, runId, async (state) => {
      if (state !== 'committed') {
        throw new MigrationError('EPOCH_STALE', `run ${runId} is ${state}: its tables are nobody's to protect`);
      }
      const name = quoteQualified(table.targetSchema, table.targetName);
      const [row] = await session.query(`select 1 from pg_trigger where tgrelid = to_regclass($1) and tgname = $2`, [
        name,
        TRIGGER,
      ]);
      if (row !== undefined) return;
      await session.query(
        `create trigger ${quoteName(TRIGGER)} before insert or update or delete or truncate on ${name}
         for each statement execute function ${FUNCTION}()`,
      );
      await made.record(runId, {
        kind: TRIGGER_KIND,
        schema: table.targetSchema,
        name: quoteQualified(table.targetName, TRIGGER),
        undo: `DROP TRIGGER IF EXISTS ${quoteName(TRIGGER)} ON ${name}`,
      });
    });
  }
}
