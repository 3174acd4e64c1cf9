import { FORWARD } from '../domain/liveMessages';
import { assert } from '../domain/errors';
import type { TablePlan } from '../domain/plan';
import type { AppliedTable, ChangeStream, Source, Target } from '../engines/engine';
import type { AppliedStream } from '../pipeline/untilApplied';

/** The change log of a source; a migration whose source has none does not get past its preflight. */
export function changesOf(source: Source): ChangeStream {
  assert(source.changes, 'a live migration has a source whose changes can be read');
  return source.changes;
}

/** The tables of a plan as their changes come. */
export function appliedTables(source: Source, plans: readonly TablePlan[]): AppliedTable[] {
  return plans.map((plan) => ({ plan, formats: source.cellFormats(plan.table) }));
}

/** The run's stream as somebody sees it who does not apply it. */
export function forwardStream(source: Source, target: Target, runId: string, signal: AbortSignal): AppliedStream {
  return { stream: changesOf(source), store: target.control, runId, name: FORWARD, signal };
}
