import type { TableFacts } from '../../../domain/catalog';
import type { Finding } from '../../../domain/finding';
import type { TablePlan } from '../../../domain/plan';
import type { ControlStore } from '../../engine';
import type { PostgresSession } from '../connection';
import { document, text } from './decode';
import { insertRows } from './insertRows';

export function planStore(
  session: PostgresSession,
): Pick<ControlStore, 'saveFacts' | 'loadFacts' | 'savePlan' | 'replacePlan' | 'loadPlan' | 'loadFindings'> {
  return {
    async saveFacts(runId, table, facts) {
      await saveFactsOf(session, runId, table, facts);
    },

    async loadFacts(runId) {
      const rows = await session.query(`select table_name, facts from temporal_migrate.facts where run_id = $1`, [
        runId,
      ]);
      return new Map(rows.map(([table, facts]) => [text(table), document(facts) as TableFacts]));
    },

    async savePlan(runId, plans, findings) {
      await session.transaction(async () => {
        await session.query(`delete from temporal_migrate.plans where run_id = $1`, [runId]);
        await session.query(`delete from temporal_migrate.findings where run_id = $1`, [runId]);
        await insertRows(
          session,
          `insert into temporal_migrate.plans (run_id, table_name, bytes, plan)`,
          plans.map((plan) => [runId, plan.table.source.name, plan.table.source.bytes, JSON.stringify(plan)]),
        );
        await insertRows(
          session,
          `insert into temporal_migrate.findings (run_id, ordinal, finding)`,
          findings.map((finding, ordinal) => [runId, ordinal, JSON.stringify(finding)]),
        );
      });
    },

    async replacePlan(runId, plan) {
      await session.query(`update temporal_migrate.plans set plan = $3 where run_id = $1 and table_name = $2`, [
        runId,
        plan.table.source.name,
        JSON.stringify(plan),
      ]);
    },

    async loadPlan(runId, tables) {
      const rows = await session.query(
        `select plan from temporal_migrate.plans where run_id = $1 and ($2::text[] is null or table_name = any($2))
         order by bytes desc, table_name`,
        [runId, tables],
      );
      return rows.map(([plan]) => document(plan) as TablePlan);
    },

    async loadFindings(runId) {
      const rows = await session.query(
        `select finding from temporal_migrate.findings where run_id = $1 order by ordinal`,
        [runId],
      );
      return rows.map(([finding]) => document(finding) as Finding);
    },
  };
}

/** What is known of a table's rows, in place of what was. */
export async function saveFactsOf(
  session: PostgresSession,
  runId: string,
  table: string,
  facts: TableFacts,
): Promise<void> {
  await session.query(
    `insert into temporal_migrate.facts (run_id, table_name, facts) values ($1, $2, $3)
     on conflict (run_id, table_name) do update set facts = excluded.facts`,
    [runId, table, JSON.stringify(facts)],
  );
}
