import type { TableFacts } from '../../../domain/catalog';
import type { Finding } from '../../../domain/finding';
import type { TablePlan } from '../../../domain/plan';
import type { ControlStore } from '../../engine';
import type { PostgresSession } from '../connection';
import { document, text } from './decode';

/** So much text goes into one insert of many rows. */
const BATCH_CHARACTERS = 4_000_000;

export function planStore(
  session: PostgresSession,
): Pick<ControlStore, 'saveFacts' | 'loadFacts' | 'savePlan' | 'loadPlan' | 'loadFindings'> {
  return {
    async saveFacts(runId, table, facts) {
      await session.query(
        `insert into temporal_migrate.facts (run_id, table_name, facts) values ($1, $2, $3)
         on conflict (run_id, table_name) do update set facts = excluded.facts`,
        [runId, table, JSON.stringify(facts)],
      );
    },

    async loadFacts(runId) {
      const rows = await session.query(`select table_name, facts from temporal_migrate.facts where run_id = $1`, [
        runId,
      ]);
      return new Map(rows.map(([table, facts]) => [text(table), document(facts) as TableFacts]));
    },

    async savePlan(runId, plans, findings) {
      const rows = plans.map((plan) => ({ plan, json: JSON.stringify(plan) }));
      await session.transaction(async () => {
        await session.query(`delete from temporal_migrate.plans where run_id = $1`, [runId]);
        await session.query(`delete from temporal_migrate.findings where run_id = $1`, [runId]);
        for (const batch of batches(rows, ({ json }) => json.length)) {
          await session.query(
            `insert into temporal_migrate.plans (run_id, table_name, bytes, plan)
             select $1, * from unnest($2::text[], $3::bigint[], $4::json[])`,
            [
              runId,
              batch.map(({ plan }) => plan.table.source.name),
              batch.map(({ plan }) => plan.table.source.bytes),
              batch.map(({ json }) => json),
            ],
          );
        }
        await saveFindings(session, runId, findings);
      });
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

async function saveFindings(session: PostgresSession, runId: string, findings: readonly Finding[]): Promise<void> {
  const rows = findings.map((finding, ordinal) => ({ ordinal, json: JSON.stringify(finding) }));
  for (const batch of batches(rows, ({ json }) => json.length)) {
    await session.query(
      `insert into temporal_migrate.findings (run_id, ordinal, finding)
       select $1, * from unnest($2::integer[], $3::json[])`,
      [runId, batch.map(({ ordinal }) => ordinal), batch.map(({ json }) => json)],
    );
  }
}

/** The rows in parts whose text is about BATCH_CHARACTERS long. */
function* batches<T>(rows: readonly T[], size: (row: T) => number): Generator<T[]> {
  let batch: T[] = [];
  let characters = 0;
  for (const row of rows) {
    batch.push(row);
    characters += size(row);
    if (characters < BATCH_CHARACTERS) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}
