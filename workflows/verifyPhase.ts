import { executeChild } from '@temporalio/workflow';
import type { FreezeState } from '../domain/freeze';
import { groupTables, type TableGroup } from '../domain/tableGroups';
import type { VerifyAnswer } from '../domain/activityMessages';
import { inPool } from './concurrency';
import { finalFailure } from './failures';
import { workOn, type Migration } from './migration';
import type { tableVerification } from './tableVerification';

/** Compares every table and fails with VERIFICATION_FAILED, naming the first differing rows, when one differs. */
export async function verifyPhase(
  migration: Migration,
  freeze: FreezeState | null,
  isWritten = migration.input.strategy === 'live',
): Promise<void> {
  const { input, record } = migration;
  const examples: string[] = [];
  // A copy that began anew rejects anew.
  record.findings = record.findings.filter(({ code }) => code !== 'ROWS_REJECTED');
  await inPool(groupTables(record.tables, input.copy.chunkBytes, 1), input.copy.parallelism, async (group) => {
    const answer = await verifyGroup(migration, group, freeze, isWritten);
    for (const table of answer.tables) record.verified.set(table.name, table);
    examples.push(...answer.examples);
    record.findings.push(...answer.rejected);
    record.onChange();
  });
  if (examples.length > 0) {
    const lines = examples.slice(0, 20).map((line) => `- ${line}`);
    throw finalFailure({ code: 'VERIFICATION_FAILED', message: `source and target differ:\n${lines.join('\n')}` });
  }
}

async function verifyGroup(
  migration: Migration,
  group: TableGroup,
  freeze: FreezeState | null,
  isWritten: boolean,
): Promise<VerifyAnswer> {
  return executeChild<typeof tableVerification>('tableVerification', {
    workflowId: `${migration.run.workflowId}/verify/${group.label}`,
    staticSummary: group.tables.length === 1 ? `Verify ${group.label}` : `Verify ${group.tables.length} tables`,
    args: [
      {
        ...workOn(migration, group.tables),
        verify: migration.input.verify,
        freeze,
        isWritten,
      },
    ],
  });
}
