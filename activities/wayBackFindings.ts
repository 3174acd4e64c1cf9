import type { PlanOptions, RunReference } from '../domain/activityMessages';
import type { Finding } from '../domain/finding';
import { BACK } from '../domain/liveMessages';
import type { TablePlan } from '../domain/plan';
import { planWayBack } from '../domain/wayBack';
import type { Source, Target } from '../engines/engine';

/** What keeps a rollback from losing nothing, where the input asks for one that does not. Changes nothing. */
export async function wayBackFindings(
  run: Pick<RunReference, 'runId'>,
  { strategy, reverse, freeze, targetSchema }: PlanOptions,
  plans: readonly TablePlan[],
  source: Source,
  target: Target,
): Promise<Finding[]> {
  if (strategy !== 'live' || !reverse || freeze === 'none') return [];
  const { tables, findings } = planWayBack(plans);
  const changes = target.changesOf?.({ runId: run.runId, epoch: 0, lane: BACK }, targetSchema);
  const found = [
    ...findings,
    ...((await source.takesBack?.obstacles(tables, freeze)) ?? []),
    ...((await changes?.obstacles()) ?? []),
  ];
  return found.map((finding) => ({
    ...finding,
    reason: `${finding.reason} (or choose reverse: false: a rollback then keeps what was written on the target in files alone)`,
  }));
}
