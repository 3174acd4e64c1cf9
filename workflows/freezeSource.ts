import type { FreezeState } from '../domain/freeze';
import type { MigrationInput } from '../domain/input';
import { quick } from './activityProxies';
import type { Compensations } from './compensations';
import type { Migration } from './migration';

/** How long a freeze waits for open transactions before it gives way to them. */
const FREEZE_PATIENCE_MS = 60_000;
/** A live cutover takes a second or so: one that takes this long is better tried again. */
const LIVE_FREEZE_SECONDS = 60;

const FREEZE_SUMMARY = {
  readOnly: 'Make the source read-only',
  accounts: "Take the source's accounts their ways to write",
  none: 'Read the schema again; nothing is frozen',
} as const;

/** After how long a cutover is sent back; undefined is never, which only a bigBang may. */
export function maxFreezeSecondsOf({ cutover, strategy }: MigrationInput): number | undefined {
  return cutover.maxFreezeSeconds ?? (strategy === 'live' ? LIVE_FREEZE_SECONDS : undefined);
}

/** Registered before the freeze, because one that was cut off may still have happened. */
export function unfreezeLater({ run, record }: Migration, undo: Compensations): void {
  undo.register('unfreeze the source', async () => {
    await quick.unfreezeSource.executeWithOptions({ summary: 'Make the source writable again' }, [run, 'open']);
    record.writePause.end();
    record.sourceFrozen = false;
  });
}

/** Stops every write of the source; null where the input leaves that to somebody else. */
export async function freezeSource({ record, input, run, epoch }: Migration): Promise<FreezeState | null> {
  const maxFreezeMs = (maxFreezeSecondsOf(input) ?? Number.POSITIVE_INFINITY) * 1_000;
  const deadline = Number.isFinite(maxFreezeMs) ? Date.now() + maxFreezeMs : null;
  const mode = input.cutover.freeze;
  if (mode !== 'none') {
    record.sourceFrozen = true;
    record.writePause.begin(deadline);
  }
  record.freeze = await quick.freezeSource.executeWithOptions({ summary: FREEZE_SUMMARY[mode] }, [
    {
      run,
      epoch,
      mode,
      deadline,
      patienceMs: Math.min(FREEZE_PATIENCE_MS, maxFreezeMs),
      isLive: input.strategy === 'live',
      filter: input.tables,
    },
  ]);
  return record.freeze;
}
