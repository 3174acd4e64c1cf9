import { CancellationScope, condition, log } from '@temporalio/workflow';
import type { LateWrites, ReverseWork } from '../domain/liveMessages';
import type { MigrationInput } from '../domain/input';
import { long, look, quick, streaming } from './activityProxies';
import { rootFailure, wasCutOff } from './failures';
import { resumed } from './hold';
import { holdTraffic } from './holdTraffic';
import { allTables, workOn, type Migration } from './migration';
import { verifyPhase } from './verifyPhase';

/** The first and the longest wait between two looks: a history must not grow by waiting for a person. */
const FIRST_LOOK_MS = 5_000;
const LONGEST_LOOK_MS = 300_000;
/** A look follows after this part of the time that has gone by. */
const LOOKS = 20;

/** Whether what is written on the target is to be taken back into the source until somebody accepts. */
export function hasWayBack({ strategy, reverse, cutover }: MigrationInput): boolean {
  return strategy === 'live' && reverse && cutover.freeze !== 'none';
}

export function reverseWork(migration: Migration): ReverseWork {
  const { targetSchema, cutover } = migration.input;
  const freeze = cutover.freeze === 'accounts' ? 'accounts' : 'readOnly';
  return { ...workOn(migration, allTables(migration)), schema: targetSchema, freeze };
}

/** From the commit point to the acceptance, what the application writes on the target is taken back into the source. */
export class WayBack {
  private scope: CancellationScope | null = null;
  private following: Promise<void> = Promise.resolve();
  private over = false;
  private state: 'none' | 'beginning' | 'open' | 'lost' = 'none';

  /** Behind the commit point. Nothing that happens here keeps the application from its target: it is told. */
  begin(migration: Migration): void {
    this.state = 'beginning';
    // A cancellation of the migration rolls it back, for which this must go on.
    this.following = CancellationScope.nonCancellable(async () => {
      const scope = (this.scope = new CancellationScope());
      await scope
        .run(() => this.keepOpen(migration))
        .catch((error: unknown) => {
          if (!(scope.consideredCancelled && wasCutOff(error))) throw error;
        });
    });
  }

  /** Whether a rollback would lose nothing, once that is known: the source may have to come back first. */
  async isOpen(): Promise<boolean> {
    await condition(() => this.state !== 'beginning');
    return this.state === 'open';
  }

  /** The source has all of the target once this resolves; false when the way back was lost, or is lost now. */
  async drain(migration: Migration): Promise<boolean> {
    const scope = new CancellationScope();
    const lost = condition(() => this.state === 'lost').then(() => {
      scope.cancel();
    });
    try {
      await Promise.race([
        scope.run(() =>
          streaming.drainWayBack.executeWithOptions({ summary: 'Take back what was written last' }, [
            reverseWork(migration),
          ]),
        ),
        lost,
      ]);
    } catch (error) {
      if (!scope.consideredCancelled) throw error;
    }
    return this.isOpen();
  }

  async end(): Promise<void> {
    this.over = true;
    this.scope?.cancel();
    await this.following;
  }

  private async keepOpen(migration: Migration): Promise<void> {
    try {
      const late = await quick.beginWayBack.executeWithOptions(
        { summary: 'Let the source take back what the target gets' },
        [reverseWork(migration)],
      );
      tellLateWrites(migration, late);
    } catch (error) {
      if (wasCutOff(error)) throw error;
      this.lose(migration, error);
      return;
    }
    this.state = 'open';
    // Both are waited for: what was cut off may be at work for a moment yet, and nothing may be undone under it.
    for (const ended of await Promise.allSettled([this.follow(migration), this.watch(migration)])) {
      if (ended.status === 'rejected') throw ended.reason;
    }
  }

  private async follow(migration: Migration): Promise<void> {
    try {
      await streaming.streamBack.executeWithOptions({ summary: 'Take back what is written on the target' }, [
        reverseWork(migration),
      ]);
    } catch (error) {
      if (wasCutOff(error)) throw error;
      this.lose(migration, error);
    }
  }

  private async watch(migration: Migration): Promise<void> {
    const { record } = migration;
    const startedAt = Date.now();
    while (!this.over) {
      const reading = await look.readWayBack
        .executeWithOptions({ summary: 'Read how far the source is behind' }, [reverseWork(migration)])
        .catch((error: unknown) => {
          if (wasCutOff(error)) throw error;
          log.error('the lag of the way back cannot be read', { reason: rootFailure(error).message });
          return null;
        });
      record.wayBack = reading;
      record.onChange();
      const wait = Math.min(LONGEST_LOOK_MS, Math.max(FIRST_LOOK_MS, (Date.now() - startedAt) / LOOKS));
      await condition(() => this.over, wait, { summary: 'Until the way back is looked at again' });
    }
  }

  private lose({ record }: Migration, error: unknown): void {
    const { code, message } = rootFailure(error);
    this.state = 'lost';
    record.wayBack = null;
    record.tell('WAY_BACK_LOST', [
      {
        object: 'reverse',
        source: `${code}: ${message}`,
        reason: 'what is written on the target from now on is not taken back',
      },
    ]);
    log.error('the way back is lost', { reason: message });
    record.onChange();
  }
}

function tellLateWrites({ record }: Migration, late: readonly LateWrites[]): void {
  record.tell(
    'WRITTEN_LATE',
    late.map(({ table, rows, examples }) => ({
      object: table,
      source: rows === 0 ? 'rows' : `${rows} rows, such as ${examples.join('; ')}`,
      reason:
        'they were written on the source after it was frozen, when a restart had ended that; the target has none of it',
    })),
  );
}

/**
 * Goes back to the source with everything that was written on the target: stops the target's writers, lets the last of
 * their writes arrive, and compares both sides. Does nothing where there is no way back any more.
 */
export async function goBack(migration: Migration): Promise<void> {
  const { wayBack, record, run } = migration;
  if (!(await wayBack.isOpen())) return;
  await holdTraffic(migration, 'source');
  await long.refuseWrites.executeWithOptions({ summary: "Stop the target's writers" }, [reverseWork(migration)]);
  if (await wayBack.drain(migration)) {
    await compareBoth(migration);
    migration.returned = true;
  }
  await wayBack.end();
  if (!migration.returned) return;
  await quick.unfreezeSource.executeWithOptions({ summary: 'Make the source writable again' }, [run, 'committed']);
  record.sourceFrozen = false;
}

/** A difference is a person's to judge: the rows of both sides are there. */
async function compareBoth(migration: Migration): Promise<void> {
  const { record, decisions } = migration;
  try {
    await verifyPhase(migration, null, false);
  } catch (error) {
    const { code, message } = rootFailure(error);
    if (code !== 'VERIFICATION_FAILED') throw error;
    record.tell('ROLLBACK_DIFFERS', [
      {
        object: 'rollback',
        source: message,
        reason: 'the source, which is about to be live again, is not as the target is',
      },
    ]);
    decisions.holdBy('temporal-migrate', `the source and the target differ: ${message}; resume goes back all the same`);
    await resumed(migration);
  }
}
