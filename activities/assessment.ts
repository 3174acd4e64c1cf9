import type { AssessmentAnswer, RunReference } from '../domain/activityMessages';
import type { TableFilter } from '../domain/mapping';
import { selectTables } from '../domain/planning/selectTables';
import { activity } from './activity';
import { withBoth } from './engines';
import type { WorkerEnvironment } from './environment';
import { fingerprintOf } from './fingerprint';

/** Counts rows and proves what the plan depends on, table by table; what an earlier attempt has proved stays proved. */
export function assessmentActivities(environment: WorkerEnvironment) {
  return {
    assess: activity(async (self, run: RunReference, filter: TableFilter): Promise<AssessmentAnswer> =>
      withBoth(environment, run, async (source, target) => {
        const tables = selectTables(await source.introspect(), filter);
        const { runId, workflowId } = run;
        const fingerprint = fingerprintOf(tables);
        const epoch = await target.control.openRun({
          runId,
          workflowId,
          sourceName: run.source,
          targetName: run.target,
          fingerprint,
        });
        const known = await target.control.loadFacts(runId);
        let rows = 0;
        for (const [index, table] of tables.entries()) {
          self.show({ table: table.name, done: index, of: tables.length });
          const facts = known.get(table.name) ?? (await source.profile(table, self.signal));
          if (!known.has(table.name)) await target.control.saveFacts(runId, table.name, facts);
          rows += facts.rows;
        }
        return { tables: tables.length, rows, bytes: tables.reduce((total, table) => total + table.bytes, 0), epoch };
      }),
    ),
  };
}
