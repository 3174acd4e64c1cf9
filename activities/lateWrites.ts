import { MigrationError } from '../domain/errors';
import type { LateWrites, ReverseWork } from '../domain/liveMessages';
import type { Position } from '../domain/position';
import type { Source, Target } from '../engines/engine';
import { changedKeys } from '../pipeline/changedKeys';
import type { Activity } from './activity';
import { appliedTables, changesOf } from './liveSource';

/** So many keys of rows that were written late are told. */
const EXAMPLES = 10;

/** Whoever connects first freezes a source again that was restarted. Errors: EPOCH_STALE when it is thawed already. */
export async function keepOthersOut(source: Source, target: Target, runId: string): Promise<void> {
  const freeze = await target.control.loadFreeze(runId);
  if (freeze === null) return;
  await source.admitOwnWrites(freeze.found);
  // An attempt that slept on must not freeze a source that is live again.
  if ((await target.control.loadFreeze(runId)) !== null) return;
  await source.unfreeze(freeze.found);
  throw new MigrationError('EPOCH_STALE', `the source of run ${runId} is live again`);
}

/** What was written on the source between the freeze and now, which the target does not have. */
export async function lateWrites(
  self: Activity,
  { run, tables }: ReverseWork,
  source: Source,
  target: Target,
  from: Position,
): Promise<LateWrites[]> {
  const upTo = await source.position();
  const stream = changesOf(source);
  if (stream.contains(from, upTo)) return [];
  const plans = await target.control.loadPlan(run.runId, tables);
  const changed = await changedKeys({
    stream,
    tables: appliedTables(source, plans).map(({ plan, formats }) => ({ table: plan.table, formats })),
    from,
    upTo,
    signal: self.signal,
  });
  return plans.flatMap(({ table }, place) => {
    const { keys = [], isWhole = false } = changed[place] ?? {};
    if (keys.length === 0 && !isWhole) return [];
    return [
      { table: table.source.name, rows: keys.length, examples: keys.slice(0, EXAMPLES).map((key) => key.join(', ')) },
    ];
  });
}
