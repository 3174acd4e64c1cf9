import { FORWARD, type SchemaChangeWork, type SchemaProposal } from '../domain/liveMessages';
import type { Source, Target } from '../engines/engine';
import { followSchemaChange, proposeSchemaChange, type SchemaChangeTask } from '../pipeline/followSchemaChange';
import { activity } from './activity';
import { runWork, withBoth } from './engines';
import type { WorkerEnvironment } from './environment';
import { fingerprintOf } from './fingerprint';

/** What follows from a statement that changed a table which is streamed. */
export function schemaChangeActivities(environment: WorkerEnvironment) {
  return {
    proposeSchemaChange: activity(async (_self, work: SchemaChangeWork): Promise<SchemaProposal> =>
      withBoth(environment, work.run, async (source, target) => {
        const { statement, tables, statements, reason, notes } = await proposeSchemaChange(
          taskOf(work, source, target),
        );
        return { statement, tables, statements, reason, notes };
      }),
    ),
    followSchemaChange: activity(async (_self, work: SchemaChangeWork, apply: boolean): Promise<void> =>
      withBoth(environment, work.run, async (source, target) => {
        await followSchemaChange(taskOf(work, source, target), apply);
      }),
    ),
  };
}

function taskOf(work: SchemaChangeWork, source: Source, target: Target): SchemaChangeTask {
  const { tables: filter, mapping, targetSchema, targetGrants: grants } = work.options;
  return {
    source,
    target,
    work: runWork(work, FORWARD),
    change: work.change,
    options: { filter, mapping, targetSchema, grants },
    fingerprintOf,
  };
}
