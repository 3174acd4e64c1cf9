import { condition, executeChild } from '@temporalio/workflow';
import { resumedAt } from '../domain/eta/course';
import { groupTables, type TableGroup } from '../domain/tableGroups';
import type { FreezeState } from '../domain/freeze';
import { quick } from './activityProxies';
import { inPool, together } from './concurrency';
import { measureCopy, watchedLoad } from './measureCopy';
import { workOn, type Migration } from './migration';
import type { tableCopy } from './tableCopy';

/** Copies every table: one child workflow for each large one, one for each batch of small ones. */
export async function copyPhase(migration: Migration, freeze: FreezeState | null): Promise<void> {
  const { input, record } = migration;
  const groups = groupTables(record.tables, input.copy.chunkBytes, input.copy.parallelism);
  // Before any lane starts: an earlier attempt may have left another pace in the control schema.
  await applyPace(migration);
  let ended = false;
  const copies = async (): Promise<void> => {
    try {
      // A large table takes every lane, so large ones go one after the other; batches take one lane each.
      await inPool(
        groups.filter((group) => group.lanes > 1),
        1,
        (group) => copyGroup(migration, group, freeze),
      );
      await inPool(
        groups.filter((group) => group.lanes === 1),
        input.copy.parallelism,
        (group) => copyGroup(migration, group, freeze),
      );
    } finally {
      ended = true;
    }
  };
  await together([copies, () => keepPace(migration, () => ended), () => measureCopy(migration, () => ended)]);
}

async function copyGroup(migration: Migration, group: TableGroup, freeze: FreezeState | null): Promise<void> {
  await executeChild<typeof tableCopy>('tableCopy', {
    workflowId: `${migration.run.workflowId}/copy/${group.label}`,
    staticSummary: group.tables.length === 1 ? `Copy ${group.label}` : `Copy ${group.tables.length} tables`,
    args: [
      {
        ...workOn(migration, group.tables),
        lanes: group.lanes,
        chunkBytes: migration.input.copy.chunkBytes,
        freeze,
        rejectedLimit: migration.input.rejectedRows.limit,
        watched: watchedLoad(migration.input),
        isWritten: migration.input.strategy === 'live',
      },
    ],
  });
}

/** Hands pause, resume and throttle to the running copies through the control schema, as soon as they come. */
export async function keepPace(migration: Migration, ended: () => boolean): Promise<void> {
  const { decisions, record } = migration;
  const changed = (): boolean =>
    decisions.paused !== record.appliedPace.paused || decisions.rowsPerSecond !== record.appliedPace.rowsPerSecond;
  while (!ended()) {
    await condition(() => ended() || changed());
    if (changed()) await applyPace(migration);
  }
}

export async function applyPace({ decisions: { rowsPerSecond, paused }, record, run }: Migration): Promise<void> {
  const speed = rowsPerSecond === 0 ? 'full speed' : `${rowsPerSecond} rows/s`;
  const summary = paused ? 'Pause the copy' : `Copy at ${speed}`;
  await quick.setPace.executeWithOptions({ summary }, [run, { rowsPerSecond, paused }]);
  const resumed = record.appliedPace.paused && !paused;
  record.appliedPace = { rowsPerSecond, paused };
  if (resumed && record.copyCourse !== null) record.copyCourse = resumedAt(record.copyCourse, Date.now());
}
