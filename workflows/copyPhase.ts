import { condition, executeChild } from '@temporalio/workflow';
import { withSample } from '../domain/copySamples';
import { groupTables, type TableGroup } from '../domain/tableGroups';
import type { FreezeState } from '../domain/freeze';
import { quick } from './activityProxies';
import { inPool, together } from './concurrency';
import { workOn, type Migration } from './migration';
import type { Pace } from '../domain/activityMessages';
import type { tableCopy } from './tableCopy';

/** Copies every table: one child workflow for each large one, one for each batch of small ones. */
export async function copyPhase(migration: Migration, freeze: FreezeState | null): Promise<void> {
  const { input, record } = migration;
  const groups = groupTables(record.tables, input.copy.chunkBytes, input.copy.parallelism);
  // Before any lane starts: an earlier attempt may have left another pace in the control schema.
  const pace = await applyPace(migration);
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
  await together([copies, () => keepPace(migration, pace, () => ended), () => measure(migration, () => ended)]);
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
      },
    ],
  });
}

/** Hands pause, resume and throttle to the running copies through the control schema, as soon as they come. */
export async function keepPace(migration: Migration, first: Pace, ended: () => boolean): Promise<void> {
  const { decisions } = migration;
  let applied = first;
  const changed = (): boolean =>
    decisions.paused !== applied.paused || decisions.rowsPerSecond !== applied.rowsPerSecond;
  while (!ended()) {
    await condition(() => ended() || changed());
    if (changed()) applied = await applyPace(migration);
  }
}

export async function applyPace({ decisions: { rowsPerSecond, paused }, run }: Migration): Promise<Pace> {
  const speed = rowsPerSecond === 0 ? 'full speed' : `${rowsPerSecond} rows/s`;
  const summary = paused ? 'Pause the copy' : `Copy at ${speed}`;
  await quick.setPace.executeWithOptions({ summary }, [run, { rowsPerSecond, paused }]);
  return { rowsPerSecond, paused };
}

/** The first readings come quickly; later ones every twentieth of the time gone by, so that a history stays small. */
const FIRST_READING_MS = 2_000;
const LAST_READING_MS = 120_000;

async function measure(migration: Migration, ended: () => boolean): Promise<void> {
  const startedAt = Date.now();
  let [measuredAt, rowsThen] = [startedAt, 0];
  migration.record.copySamples = [{ atMs: 0, rows: 0 }];
  for (let more = true; more;) {
    const interval = Math.min(Math.max((Date.now() - startedAt) / 20, FIRST_READING_MS), LAST_READING_MS);
    more = !(await condition(ended, interval, { summary: 'Until the progress is read again' }));
    const progress = await quick.copyProgress.executeWithOptions({ summary: 'Read the progress' }, [migration.run]);
    const { record } = migration;
    for (const { table, rows } of progress) record.copied.set(table, rows);
    const rows = progress.reduce((total, table) => total + table.rows, 0);
    const seconds = (Date.now() - measuredAt) / 1_000;
    if (seconds > 0) record.rowsPerSecond = (rows - rowsThen) / seconds;
    record.copySamples = withSample(record.copySamples, { atMs: Date.now() - startedAt, rows });
    [measuredAt, rowsThen] = [Date.now(), rows];
    record.onChange();
  }
}
