import type { TableFacts } from '../../../domain/catalog';
import type { Finding } from '../../../domain/finding';
import type { TablePlan } from '../../../domain/plan';
import type { ControlStore } from '../../engine';
import type { PostgresSession } from '../connection';
import { document, text } from './decode';

type Plans = Pick<ControlStore, 'saveFacts' | 'loadFacts' | 'savePlan' | 'loadPlan' | 'loadFindings'>;

/** What was proved about the tables, and what was planned from it: one document a table. */
export function createPlans(session: PostgresSession): Plans {
  return {
    async saveFacts(runId, table, facts) {
      await session.query(
        `insert into temporal_migrate.facts (run_id, table_name, facts) values ($1, $2, $3)
         on conflict (run_id, table_name) do update set facts = excluded.facts`,
        [runId, table, JSON.stringify(facts)],
      );
    },
    async loadFacts(runId) {
      const rows = await session.query(`select table_name, facts from temporal_migrate.facts where run_id = $1`, [runId]);
      return new Map(rows.map(([table, facts]) => [text(table), document(facts) as TableFacts]));
    },
    async savePlan(runId, plans, findings) {
      await session.transaction(async () => {
        await session.query(`delete from temporal_migrate.plans where run_id = $1`, [runId]);
        await session.query(`delete from temporal_migrate.findings where run_id = $1`, [runId]);
        await session.query(
          `insert into temporal_migrate.plans (run_id, table_name, bytes, plan)
           select $1, * from unnest($2::text[], $3::bigint[], $4::json[])`,
          [
            runId,
            plans.map(({ table }) => table.source.name),
            plans.map(({ table }) => table.source.bytes),
            plans.map((plan) => JSON.stringify(plan)),
          ],
        );
        await session.query(
          `insert into temporal_migrate.findings (run_id, ordinal, finding)
           select $1, ordinality, finding from unnest($2::json[]) with ordinality as given (finding, ordinality)`,
          [runId, findings.map((finding) => JSON.stringify(finding))],
        );
      });
    },
    async loadPlan(runId, tables) {
      const rows = await session.query(
        `select plan from temporal_migrate.plans
         where run_id = $1 and ($2::text[] is null or table_name = any($2)) order by bytes desc, table_name`,
        [runId, tables],
      );
      return rows.map(([plan]) => document(plan) as TablePlan);
    },
    async loadFindings(runId) {
      const rows = await session.query(`select finding from temporal_migrate.findings where run_id = $1 order by ordinal`, [runId]);
      return rows.map(([finding]) => document(finding) as Finding);
    },
  };
}
