import type { PlannedForeignKey, PlannedTable, TablePlan } from '../domain/plan';
import type { RunWork, Target } from '../engines/engine';

/**
 * What foreign keys did to the rows of rows, without a word in the log, while tables were copied one after the other: a
 * row may have been copied, and the row between it and the one that was deleted not any more, so that nothing on the target
 * leads from one to the other. Where a stream has come to its high watermark, the source has no such row. `hasRejected`
 * tells of a table that rows of it were not copied: what refers to those stays.
 */
export async function settleOrphans(
  target: Pick<Target, 'settleOrphans'>,
  work: RunWork,
  plans: readonly TablePlan[],
  hasRejected: (table: PlannedTable) => boolean,
): Promise<void> {
  const tables = plans.map(({ table }) => table);
  const links = tables.flatMap((child) =>
    child.foreignKeys
      .filter((key) => {
        const parent = tables.find(({ targetName }) => targetName === key.referencedTable);
        return takesAlong(key) && parent !== undefined && parent.foreignKeys.some(takesAlong) && !hasRejected(parent);
      })
      .map((key) => ({ child, key })),
  );
  for (let settled = links.length; settled > 0;) {
    settled = 0;
    for (const { child, key } of links) settled += await target.settleOrphans(work, child, key);
  }
}

/** Rows that break the key are known of one that is not valid. */
function takesAlong({ source, notValid }: PlannedForeignKey): boolean {
  return !notValid && (source.onDelete === 'CASCADE' || source.onDelete === 'SET NULL');
}
