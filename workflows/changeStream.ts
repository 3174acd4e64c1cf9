import { CancellationScope, condition, isCancellation, log } from '@temporalio/workflow';
import type { StreamReading } from '../domain/liveMessages';
import { look, streaming } from './activityProxies';
import { rootFailure, wasCutOff } from './failures';
import { allTables, workOn, type Migration } from './migration';
import { decideSchemaChange } from './schemaDecision';

/** The first and the longest wait between two looks at the lag: a history must not grow by waiting for a person. */
const FIRST_LOOK_MS = 2_000;
const LONGEST_LOOK_MS = 300_000;
/** A look follows after this part of the time that has gone by. */
const LOOKS = 20;

/** The change stream of a live migration while the migration does something else, from the copy's end to the commit point. */
export class ChangeStream {
  /** Whether it may go on once it has come to the end that a cutover has ordered. */
  private held = false;
  private over = false;

  /** From here on it ends where a cutover orders it to, and goes on only after `release`. */
  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
  }

  /** Nothing comes behind the commit point. */
  end(): void {
    this.over = true;
  }

  /** Does the work while changes are applied. A failure of the stream cuts the work off, and is thrown. */
  async beside<T>(migration: Migration, work: () => Promise<T>): Promise<T> {
    const [ours, theirs] = [new CancellationScope(), new CancellationScope()];
    const failures: unknown[] = [];
    this.held = this.over = false;
    const following = ours
      .run(() => this.follow(migration))
      .catch((error: unknown) => {
        if (ours.consideredCancelled && wasCutOff(error)) return;
        failures.push(error);
        theirs.cancel();
      });
    const watching = ours.run(() => watchLag(migration, () => this.over)).catch(onlyCutOff);
    try {
      return await theirs.run(work);
    } catch (error) {
      throw failures.length > 0 ? failures[0] : error;
    } finally {
      this.over = true;
      ours.cancel();
      await following;
      await watching;
    }
  }

  private async follow(migration: Migration): Promise<void> {
    for (;;) {
      await condition(() => this.over || !this.held);
      if (this.over) return;
      const { epoch } = migration;
      try {
        const answer = await streaming.streamChanges.executeWithOptions({ summary: "Apply the source's changes" }, [
          workOn(migration, allTables(migration)),
        ]);
        if (answer.kind === 'schemaChange') await decideSchemaChange(migration, answer.change);
      } catch (error) {
        if (rootFailure(error).code !== 'EPOCH_STALE') throw error;
        // A cutover has been sent back; what it made must be out of the way before the stream goes on.
        await condition(() => this.over || migration.epoch !== epoch);
      }
    }
  }
}

/** Reads how far the target is behind, more and more seldom, until it is over. */
export async function watchLag(migration: Migration, isOver: () => boolean): Promise<void> {
  const { record, run } = migration;
  const startedAt = Date.now();
  while (!isOver()) {
    record.lag = await readLag(migration);
    record.onChange();
    const wait = Math.min(LONGEST_LOOK_MS, Math.max(FIRST_LOOK_MS, (Date.now() - startedAt) / LOOKS));
    await condition(isOver, wait, { summary: `Until the lag of ${run.target} is read again` });
  }
  record.lag = null;
}

/** It informs: what cannot be read now holds nothing up. */
async function readLag({ record, run }: Migration): Promise<StreamReading | null> {
  try {
    const caughtUpAtMs = record.lag?.caughtUpAtMs ?? null;
    return await look.readStream.executeWithOptions({ summary: 'Read the lag' }, [{ run, caughtUpAtMs }]);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.error('the lag cannot be read', { reason: rootFailure(error).message });
    return null;
  }
}

function onlyCutOff(error: unknown): void {
  if (!wasCutOff(error)) throw error;
}
