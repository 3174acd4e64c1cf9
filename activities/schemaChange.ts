import { FORWARD, type SchemaChangeWork, type SchemaProposal } from '../domain/liveMessages';
import type { Source, Target } from '../engines/engine';
import { followSchemaChange } from '../pipeline/followSchemaChange';
import { proposeSchemaChange, type SchemaChangeTask } from '../pipeline/proposeSchemaChange';
import { activity } from './activity';
import { runWork, withBoth } from './engines';
import type { WorkerEnvironment } from './environment';
import { fingerprintOf } from './fingerprint';

/** What follows from a statement that changed a table which is streamed. */
export function schemaChangeActivities(environment: WorkerEnvironment) {
  return {
    proposeSchemaChange: activity(async (_self, work: SchemaChangeWork): Promise<SchemaProposal> =>
      withBoth(environment, work.run, (source, target) => proposeSchemaChange(taskOf(work, source, target))),
    ),
    followSchemaChange: activity(async (_self, work: SchemaChangeWork, apply: boolean): Promise<void> =>
      withBoth(environment, work.run, async (source, target) => {
        await followSchemaChange({ ...taskOf(work, source, target), apply, fingerprintOf });
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
  };
}
