import type { TrialWork } from '../../domain/activityMessages';
import { MigrationError } from '../../domain/errors';
import type { Finding } from '../../domain/finding';
import { count } from '../../domain/format';
import type { BuildStep, PlannedForeignKey, TablePlan } from '../../domain/plan';
import type { OwnSample, TrialResult } from '../../domain/trial';
import { LEAST_ROWS, ratesOf, type MeasuredTable } from '../../domain/trialRates';
import type { Source, Target, VerifiedPart } from '../../engines/engine';
import { canCompareSample, compareSample } from '../../pipeline/compareSample';
import { faultPoint } from '../../pipeline/faultPoint';
import type { PaceLimiter } from '../../pipeline/pace';
import { describeMismatch, passes } from '../../pipeline/verdict';
import type { Activity } from '../activity';
import type { PaceKeeper } from '../paceKeeper';
import { copySample, type CopiedSample } from './copySample';
import { givenUpFinding, notComparedFinding, rejectedFinding, untriedFinding } from './findings';
import { beginAttempt, makeScratch, scratchPlans, scratchSchema, trialRunId } from './scratch';

/** The most differing rows that a failure names. */
const NAMED = 20;

interface Trial {
  readonly self: Activity;
  readonly work: TrialWork;
  readonly source: Source;
  readonly target: Target;
  readonly pace: PaceLimiter;
  readonly keeper: PaceKeeper;
}

/** One attempt of a trial. */
interface Attempt extends Trial {
  readonly runId: string;
  readonly epoch: number;
  readonly plans: readonly TablePlan[];
}

/**
 * Copies the sample, builds and compares it, all as of one moment of the source, so that what is written meanwhile is no
 * difference and breaks no reference. An attempt begins anew, because the moment of an earlier one is gone. Errors:
 * ROW_REJECTED, BUILD_FAILED, VERIFICATION_FAILED, TRIAL_FAILED, EPOCH_STALE, and those of both servers.
 */
export async function tryOut(trial: Trial): Promise<TrialResult> {
  const { self, work, source, target } = trial;
  const { control } = target;
  const facts = await control.loadFacts(work.run.runId);
  const runId = trialRunId(work.run);
  const epoch = await beginAttempt(target, work.run);
  const schema = scratchSchema(work.run);
  const { plans, untried } = scratchPlans(await control.loadPlan(work.run.runId, null), schema, target);
  const attempt: Attempt = { ...trial, runId, epoch, plans };
  await makeScratch(target, { runId, epoch, lane: 'prepareTarget' }, schema);
  await runSteps(attempt, 'prepareTarget', (plan) => plan.ddl.create);
  await source.holdMoment();
  const rowsOf = ({ source: { name, estimatedRows } }: TablePlan['table']): number =>
    facts.get(name)?.rows ?? estimatedRows;
  const { copied, givenUp } = await copySample({
    ...attempt,
    percent: work.percent,
    chunkBytes: work.chunkBytes,
    rejectedLimit: work.rejectedLimit,
    rowsOf,
    signal: self.signal,
    show: (details) => self.show(details),
  });
  const built = await buildSample(attempt, givenUp);
  const compared = await compareTables(attempt);
  const rejected = new Map((await control.rejectedCounts(runId)).map((counts) => [counts.table, counts]));
  const tables = plans.map(({ table }): MeasuredTable => {
    const { name, bytes } = table.source;
    const sample = copied.get(name);
    const part = compared.parts.get(name);
    return {
      name,
      sourceRows: rowsOf(table),
      sourceBytes: bytes,
      rows: sample?.rows ?? 0,
      pulledRows: sample?.pulledRows ?? 0,
      rejectedRows: rejected.get(name)?.rows ?? 0,
      verifiedRows: part?.result.verifiedRows ?? 0,
      mismatches: part?.result.mismatches ?? 0,
      copyMs: Math.round(sample?.ms ?? 0),
      buildMs: Math.round(built.get(name) ?? 0),
      verifyMs: Math.round(part?.ms ?? 0),
      ...(sample === undefined || trial.keeper.throttled ? {} : { own: ownSample(sample) }),
      pieces: sample?.pieces ?? [],
    };
  });
  const rates = ratesOf(tables, trial.keeper.throttled);
  return {
    percent: work.percent,
    tables: tables.map(({ pieces, ...told }) => told),
    untriedTables: untried,
    findings: [
      ...tables.flatMap((table) => rejectedFinding(table, rejected.get(table.name)?.example, work.rejectedLimit)),
      ...compared.findings,
      ...givenUp.map((key) => givenUpFinding(plans, key)),
      ...untriedFinding(untried, plans.length),
    ],
    rates,
    ...(trial.keeper.throttled ? {} : { pieceMs: Math.round(pieceMs([...copied.values()])) }),
    whyNoRates:
      rates === null ? `the trial moved fewer than ${count(LEAST_ROWS)} rows, too few to measure anything` : null,
  };
}

function ownSample({ rows, bytes, pieces }: CopiedSample): OwnSample {
  return { rows, bytes, pieces: pieces.length, ms: Math.round(pieces.reduce((sum, { ms }) => sum + ms, 0)) };
}

/**
 * What a piece takes beside its rows, in milliseconds: what it waits for the first one, and what the commit takes at
 * least, for most of them wait there for rows that are still on their way.
 */
function pieceMs(samples: readonly CopiedSample[]): number {
  const own = samples.filter(({ pieces }) => pieces.length > 0);
  const pieces = own.reduce((sum, sample) => sum + sample.pieces.length, 0);
  const beforeMs = own.reduce((sum, sample) => sum + sample.beforeMs, 0);
  return pieces === 0 ? 0 : beforeMs / pieces + Math.min(...own.map(({ afterMs }) => afterMs));
}

/** Runs steps of every table; answers how long each table's took, in milliseconds. */
async function runSteps(
  { self, target, runId, epoch, plans }: Attempt,
  lane: string,
  stepsOf: (plan: TablePlan) => readonly BuildStep[],
): Promise<Map<string, number>> {
  const steps = plans.flatMap((plan) => stepsOf(plan).map((step) => ({ plan, step })));
  const took = new Map<string, number>();
  let [done, since] = [0, performance.now()];
  await target.run({ runId, epoch, lane }, steps, () => {
    const name = steps[done]?.plan.table.source.name ?? '';
    const now = performance.now();
    took.set(name, (took.get(name) ?? 0) + now - since);
    since = now;
    self.show({ lane, step: (done += 1), of: steps.length });
    faultPoint('trial.afterStep', lane);
  });
  return took;
}

async function buildSample(attempt: Attempt, givenUp: readonly PlannedForeignKey[]): Promise<Map<string, number>> {
  const skipped = new Set(givenUp);
  const took = await runSteps(attempt, 'build', (plan) => plan.ddl.build);
  const keys = await runSteps(attempt, 'foreignKeys', ({ table, ddl }) =>
    // A foreign key's step is at its place.
    ddl.foreignKeys.filter((_, index) => !table.foreignKeys.some((key, at) => at === index && skipped.has(key))),
  );
  for (const [name, ms] of keys) took.set(name, (took.get(name) ?? 0) + ms);
  return took;
}

interface Comparison {
  readonly parts: ReadonlyMap<string, { readonly result: VerifiedPart; readonly ms: number }>;
  readonly findings: readonly Finding[];
}

async function compareTables({ self, work, source, target, runId, plans }: Attempt): Promise<Comparison> {
  const { control } = target;
  const parts = new Map<string, { result: VerifiedPart; ms: number }>();
  const findings: Finding[] = [];
  const differing: string[] = [];
  for (const [index, { table }] of plans.entries()) {
    const { name, transactional } = table.source;
    self.show({ compared: name, done: index, of: plans.length });
    const chunks = (await control.loadChunks(runId, name)).map(({ range, rows }) => ({ range, rows: rows ?? 0 }));
    const ranges = chunks.map(({ range }) => range);
    if (!canCompareSample(table, ranges)) {
      findings.push(
        notComparedFinding(name, 'it has no key, and only some of its rows were chosen by what refers to them'),
      );
      continue;
    }
    const rejected = await control.rejectedKeys(runId, name, 'rejected');
    const started = performance.now();
    const result = await compareSample({ source, target, table, chunks, rejected, signal: self.signal });
    parts.set(name, { result, ms: performance.now() - started });
    self.count('rows_verified', result.verifiedRows);
    if (passes(result, work.allowedRowDifference)) continue;
    if (transactional) differing.push(...result.examples.map(describeMismatch));
    else findings.push(notComparedFinding(name, 'it is not transactional, and was perhaps written to meanwhile'));
  }
  if (differing.length > 0) {
    const lines = differing.slice(0, NAMED).map((line) => `- ${line}`);
    throw new MigrationError('VERIFICATION_FAILED', `source and target differ:\n${lines.join('\n')}`);
  }
  return { parts, findings };
}
