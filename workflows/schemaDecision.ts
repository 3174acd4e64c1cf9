import { condition } from '@temporalio/workflow';
import type { SchemaChangeWork, SchemaStop } from '../domain/liveMessages';
import { long, quick } from './activityProxies';
import { rootFailure } from './failures';
import { allTables, workOn, type Migration } from './migration';

/**
 * A statement has changed a table that is streamed, and the stream stands in front of it. A person says how the target
 * gets the change, too: as proposed, or made by hand. What was compared must be compared again, and approved again.
 */
export async function decideSchemaChange(migration: Migration, change: SchemaStop): Promise<void> {
  const { record, decisions, input } = migration;
  const { tables, mapping, targetSchema, targetGrants } = input;
  const work = (): SchemaChangeWork => ({
    ...workOn(migration, allTables(migration)),
    change,
    options: { tables, mapping, targetSchema, targetGrants },
  });
  migration.schemaChanges += 1;
  decisions.forgetApprovals();
  record.schemaProposal = await quick.proposeSchemaChange.executeWithOptions(
    { summary: 'See what a schema change of the source means' },
    [work()],
  );
  try {
    for (;;) {
      const apply = await decided(migration);
      try {
        const summary = apply ? 'Change the target as proposed' : 'Check what was changed on the target';
        await long.followSchemaChange.executeWithOptions({ summary }, [work(), apply]);
        record.schemaFailure = null;
        return;
      } catch (error) {
        const { code, message } = rootFailure(error);
        // A cutover was sent back meanwhile: the same is done in the new epoch.
        if (code === 'EPOCH_STALE') continue;
        if (code !== 'SCHEMA_CHANGE_FAILED') throw error;
        record.schemaFailure = `${code}: ${message}`;
        decisions.schemaAnswer = null;
      }
    }
  } finally {
    record.schemaProposal = null;
    decisions.schemaAnswer = null;
    decisions.awaitsSchema = false;
    record.onChange();
  }
}

async function decided({ decisions, record }: Migration): Promise<boolean> {
  decisions.awaitsSchema = decisions.schemaAnswer === null;
  record.onChange();
  await condition(() => decisions.schemaAnswer !== null);
  decisions.awaitsSchema = false;
  return decisions.schemaAnswer === 'apply';
}
