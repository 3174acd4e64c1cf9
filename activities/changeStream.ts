import type { RunReference, TablesWork } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import { FORWARD, type CopyEnd, type StreamAnswer, type StreamStart } from '../domain/liveMessages';
import { selectTables } from '../domain/planning/selectTables';
import type { Position } from '../domain/position';
import type { Source, Target } from '../engines/engine';
import { applyChanges, type StreamEnd } from '../pipeline/applyChanges';
import { settleOrphans } from '../pipeline/settleOrphans';
import { readAtPlaces } from '../pipeline/laterTables';
import { sourceLookup } from '../pipeline/sourceLookup';
import { hasApplied, streamState } from '../pipeline/untilApplied';
import { activity, type Activity } from './activity';
import { openSource, runWork, withBoth } from './engines';
import type { WorkerEnvironment } from './environment';
import { fingerprintOf } from './fingerprint';
import { appliedTables, changesOf, forwardStream } from './liveSource';

/** How long the copy waits for prepared transactions, whose rows no read would see and no log would tell. */
const START_PATIENCE_MS = 60_000;

/** The change stream of a live migration: where it begins, and who applies it. */
export function changeStreamActivities(environment: WorkerEnvironment) {
  return {
    startStream: activity(async (self, { run, filter }: StreamStart): Promise<Position> =>
      withBoth(environment, run, async (source, { control }) => {
        self.show({ waitingFor: 'prepared transactions of the source' });
        const from = await changesOf(source).start(START_PATIENCE_MS);
        // A statement behind the position is told by the log; one in front of it would go unnoticed.
        const fingerprint = fingerprintOf(selectTables(await source.introspect(), filter));
        if (fingerprint !== (await control.fingerprint(run.runId))) {
          throw new MigrationError(
            'PLAN_CHANGED',
            'the source schema changed between the plan and the copy: start again when it rests',
          );
        }
        await control.notePosition(run.runId, 'stream', from);
        return from;
      }),
    ),
    sourcePosition: activity(async (_self, run: RunReference): Promise<Position> => {
      await using source = await openSource(environment, run.source);
      return await source.position();
    }),
    /** Whether the source's schema is the planned one still. */
    isAsPlanned: activity(async (_self, { run, filter }: StreamStart): Promise<boolean> =>
      withBoth(environment, run, async (source, { control }) => {
        const tables = selectTables(await source.introspect(), filter);
        return fingerprintOf(tables) === (await control.fingerprint(run.runId));
      }),
    ),
    endCopy: activity(async (_self, { run, from }: CopyEnd): Promise<void> =>
      withBoth(environment, run, async (source, { control }) => {
        await control.beginStream(run.runId, FORWARD, from, await source.position());
      }),
    ),
    /** Applies everything up to where the target holds exactly what the source held at one moment. */
    catchUp: activity(async (self, work: TablesWork): Promise<StreamAnswer> =>
      withBoth(environment, work.run, async (source, target) => {
        const { runId } = work.run;
        const stream = forwardStream(source, target, runId, self.signal);
        for (;;) {
          const state = await streamState(stream);
          if (hasApplied(stream.stream, state, state.high)) break;
          // Rows that are read again raise it.
          await target.control.orderStop(runId, FORWARD, state.high);
          const end = await follow(self, work, source, target);
          if (end.kind === 'schemaChange') return { kind: 'schemaChange', change: end.change };
        }
        const plans = await target.control.loadPlan(runId, work.tables);
        const rejected = new Set((await target.control.rejectedCounts(runId)).map(({ table }) => table));
        await settleOrphans(target, runWork(work, 'orphans'), plans, ({ source: { name } }) => rejected.has(name));
        await target.control.orderStop(runId, FORWARD, null);
        return { kind: 'drained' };
      }),
    ),
    streamChanges: activity(async (self, work: TablesWork): Promise<StreamAnswer> =>
      withBoth(environment, work.run, async (source, target) => {
        const end = await follow(self, work, source, target);
        return end.kind === 'drained' ? { kind: 'drained' } : { kind: 'schemaChange', change: end.change };
      }),
    ),
  };
}

/** Applies the stream until it is told to stop, or a schema change comes. */
async function follow(self: Activity, work: TablesWork, source: Source, target: Target): Promise<StreamEnd> {
  const { runId } = work.run;
  const tables = appliedTables(source, await target.control.loadPlan(runId, work.tables));
  await using applier = await target.openApplier(runWork(work, FORWARD), tables);
  const { high } = await streamState({ store: target.control, runId, name: FORWARD });
  let changes = 0;
  return await applyChanges({
    stream: changesOf(source),
    applier,
    tables,
    high,
    readAt: readAtPlaces(tables, await target.control.loadReadAt(runId)),
    source: sourceLookup(source, tables, self.signal),
    signal: self.signal,
    onApplied: (batch) => {
      changes += batch.changes;
      self.count('changes_applied', batch.changes);
      const committedAt = batch.committedAtMs === null ? null : new Date(batch.committedAtMs).toISOString();
      self.show({ changes, ...(committedAt === null ? {} : { upTo: committedAt }) });
    },
  });
}
