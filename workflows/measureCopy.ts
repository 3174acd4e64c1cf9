import { condition } from '@temporalio/workflow';
import type { WatchedLoad } from '../domain/activityMessages';
import { withSample } from '../domain/copySamples';
import { beginCourse, withReading } from '../domain/eta/course';
import { untilNextReading } from '../domain/eta/readings';
import { scopeOf } from '../domain/eta/scope';
import { timeLeft } from '../domain/eta/timeLeft';
import type { MigrationInput } from '../domain/input';
import { quick } from './activityProxies';
import type { Migration } from './migration';

/** Under a freeze nobody but the copy works on the source, and the sooner it ends the better. */
export function watchedLoad({ copy, strategy }: MigrationInput): WatchedLoad {
  return { replicas: copy.replicas, lanes: strategy === 'live' ? copy.parallelism : null };
}

/** Reads how far the copy has come until it has ended: at moments that the domain chooses, and at each change of pace. */
export async function measureCopy({ record, input, run }: Migration, ended: () => boolean): Promise<void> {
  const startedAt = Date.now();
  let course = beginCourse(scopeOf(record.tables, input.copy, record.trial), startedAt);
  record.copyCourse = course;
  record.copySamples = [{ atMs: 0, rows: 0 }];
  let [under, settledAt] = [record.appliedPace, startedAt];
  const watched = watchedLoad(input);
  const isWatched = watched.replicas.length > 0 || watched.lanes !== null;
  for (let more = true; more;) {
    const now = Date.now();
    const wait = untilNextReading({
      elapsedMs: now - startedAt,
      settledMs: now - settledAt,
      leftMs: under.paused ? Infinity : timeLeft(course, under.rowsPerSecond),
      tables: record.tables.length,
    });
    await condition(() => ended() || record.appliedPace !== under, wait, {
      summary: 'Until the progress is read again',
    });
    more = !ended();
    const progress = await quick.copyProgress.executeWithOptions({ summary: 'Read the progress' }, [run]);
    if (isWatched && more) {
      const summary = 'Look whether the copy is held back';
      record.heldBack = await quick.heldBack.executeWithOptions({ summary }, [run, watched]);
    } else record.heldBack = null;
    const changed = record.appliedPace !== under;
    course = withReading(course, Date.now(), progress, changed ? null : under);
    if (changed) [under, settledAt] = [record.appliedPace, Date.now()];
    record.copyCourse = course;
    for (const { table, rows } of progress) record.copied.set(table, rows);
    const rows = progress.reduce((total, table) => total + table.rows, 0);
    record.copySamples = withSample(record.copySamples, { atMs: Date.now() - startedAt, rows });
    record.onChange();
  }
}
