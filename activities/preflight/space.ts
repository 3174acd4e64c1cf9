import { stat, statfs } from 'node:fs/promises';
import type { PreflightOptions } from '../../domain/activityMessages';
import type { Finding } from '../../domain/finding';
import { selectTables } from '../../domain/planning/selectTables';
import { spaceFindings } from '../../domain/preflight/space';
import type { ServerFolder, Source, Target } from '../../engines/engine';

/** Whether the target has room for the tables to move, as far as the worker or the operator can tell. */
export async function findInSpace(
  name: string,
  source: Source,
  target: Target,
  { tables, targetFreeBytes }: PreflightOptions,
): Promise<Finding[]> {
  const moved = selectTables(await source.introspect(), tables);
  return spaceFindings({
    name,
    dataBytes: moved.reduce((total, table) => total + table.bytes, 0),
    measuredBytes: await freeBytes(await target.dataFolder()),
    saidBytes: targetFreeBytes ?? null,
  });
}

/**
 * What is free where the folder lies; null when it is not on this machine. A container's folder has the path of another
 * one here at the most, and that one's time is another.
 */
export async function freeBytes(folder: ServerFolder | null): Promise<number | null> {
  if (folder === null) return null;
  try {
    const here = await stat(folder.path);
    if (Math.floor(here.mtimeMs / 1_000) !== folder.modifiedSeconds) return null;
    const { bavail, bsize } = await statfs(folder.path);
    return bavail * bsize;
  } catch (error) {
    const NOT_HERE = ['ENOENT', 'EACCES', 'ENOTDIR'];
    if (NOT_HERE.includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
