import { condition } from '@temporalio/workflow';
import { quick } from './activityProxies';
import { wasCutOff } from './failures';
import { resumed } from './hold';
import type { Migration } from './migration';
import { verifyPhase } from './verifyPhase';

/**
 * Compares every row once, while both sides are written to; behind the position that is noted then only what is changed
 * must be compared again. A schema change that comes meanwhile has it begin anew.
 */
export async function verifyWhileWritten(migration: Migration): Promise<void> {
  while (!isCompared(migration)) {
    await resumed(migration);
    await condition(() => migration.record.schemaProposal === null);
    await migration.record.during('verify', () => verifyOnce(migration));
  }
}

/** False before the first comparison, and after each schema change that was followed. */
export function isCompared({ compared, schemaChanges }: Migration): boolean {
  return compared?.schemaChanges === schemaChanges;
}

async function verifyOnce(migration: Migration): Promise<void> {
  const { run, input, schemaChanges } = migration;
  const upTo = await quick.sourcePosition.executeWithOptions(
    { summary: 'Note from where on changes are compared again' },
    [run],
  );
  try {
    await verifyPhase(migration, null);
    migration.compared = { upTo, schemaChanges };
  } catch (error) {
    if (wasCutOff(error)) throw error;
    const isAsPlanned = await quick.isAsPlanned.executeWithOptions({ summary: 'Read the schema again' }, [
      { run, filter: input.tables },
    ]);
    if (isAsPlanned && migration.schemaChanges === schemaChanges) throw error;
    // The tables are not what they were when the comparison began; the stream is about to meet the statement.
    await condition(() => migration.schemaChanges !== schemaChanges);
  }
}
