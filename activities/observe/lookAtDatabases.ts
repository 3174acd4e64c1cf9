import type { ObserveRequest } from '../../domain/activityMessages';
import { MigrationError } from '../../domain/errors';
import type { CriticalIssue } from '../../domain/observe/criticalIssues';
import type { Checks } from '../../domain/observe/observation';
import type { PlannedTable, TablePlan } from '../../domain/plan';
import type { Source, Target } from '../../engines/engine';
import { checkSample } from '../../pipeline/checkSample';
import { openSource, openTarget } from '../engines';
import type { WorkerEnvironment } from '../environment';

/** A database that has not answered by then does not answer. */
const PATIENCE_MS = 15_000;
/** Less than that, so that a source that keeps silent is not taken for the target. */
const SOURCE_PATIENCE_MS = 5_000;
/** Tables whose catalog entries one round looks at, and those of them that it reads. */
const CATALOG_TABLES = 500;
const READ_TABLES = 3;

/** What one round found. */
export interface Look {
  /** False when the run is no longer live: it has been accepted, or is rolled back. */
  readonly live: boolean;
  /** Null where the target did not answer. */
  readonly pingMs: number | null;
  readonly issues: readonly CriticalIssue[];
  readonly checks: Checks;
  readonly sourceAnswered: boolean;
}

const SILENT: ReadonlySet<string> = new Set([
  'CONNECTION_FAILED',
  'CONNECTION_INVALID',
  'CONNECTION_LOST',
  'LOGIN_REFUSED',
  'SERVER_BUSY',
]);

const NO_CHECKS: Checks = { checked: 0, failed: 0, failures: [] };

/** Looks at both databases round by round, on connections that it keeps open, and opens anew when they broke. */
export class DatabaseLooks implements AsyncDisposable {
  private source: Source | null = null;
  private target: Target | null = null;
  private plans: readonly TablePlan[] | null = null;

  constructor(
    private readonly environment: WorkerEnvironment,
    private readonly request: ObserveRequest,
    private readonly signal: AbortSignal,
  ) {}

  /** Errors: those that are no database's. */
  async look(round: number): Promise<Look> {
    const written = await this.lookAtSource();
    const { run } = this.request;
    try {
      const found = await inTime(this.lookAtTarget(round, written === null ? this.source : null), PATIENCE_MS);
      return { ...found, issues: [...(written ?? []), ...found.issues], sourceAnswered: this.source !== null };
    } catch (error) {
      const issue = this.issueOf(error, run.target);
      if (issue.code === 'TARGET_UNREACHABLE') void this.closeTarget();
      const issues = [...(written ?? []), issue];
      return { live: true, pingMs: null, issues, checks: NO_CHECKS, sourceAnswered: this.source !== null };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([this.closeSource(), this.closeTarget()]);
  }

  /** What of the source is an issue; null where it answers, and is frozen as it must be. */
  private async lookAtSource(): Promise<readonly CriticalIssue[] | null> {
    const { run, freeze } = this.request;
    const check = async (): Promise<void> => {
      this.source ??= await openSource(this.environment, run.source);
      if (freeze !== null) await this.source.checkFrozen(freeze);
    };
    try {
      await inTime(check(), SOURCE_PATIENCE_MS);
      // Where the operator saw to the freeze, nothing tells whether anybody has written since.
      return freeze === null ? [] : null;
    } catch (error) {
      if (error instanceof MigrationError && error.code === 'FREEZE_LOST') {
        return [{ code: 'SOURCE_WRITTEN', object: run.source, found: error.message }];
      }
      this.issueOf(error, run.source);
      void this.closeSource();
      return [];
    }
  }

  private async lookAtTarget(round: number, frozenSource: Source | null): Promise<Omit<Look, 'sourceAnswered'>> {
    const { run, grants } = this.request;
    this.target ??= await openTarget(this.environment, run.target);
    const { target } = this;
    const startedAt = performance.now();
    await target.probe.ping();
    const pingMs = performance.now() - startedAt;
    const live = (await target.control.runState(run.runId)) === 'committed';
    if (!live) return { live, pingMs, issues: [], checks: NO_CHECKS };
    this.plans ??= await target.control.loadPlan(run.runId, null);
    const read = turn(this.plans, round, READ_TABLES);
    const issues = await target.watch.issues(turn(this.plans, round, CATALOG_TABLES), read, grants);
    const sound = read.filter(({ table }) => !issues.some(({ object }) => object === table.source.name));
    let checks = NO_CHECKS;
    for (const { table } of sound) {
      const found = await this.checkTable(target, table, frozenSource);
      if ('code' in found) issues.push(found);
      else checks = sumOf(checks, found);
    }
    return { live, pingMs, issues, checks };
  }

  /** Errors: those of a target that does not answer. One of the source's ends its part of the look, and is no issue. */
  private async checkTable(
    target: Target,
    table: PlannedTable,
    frozenSource: Source | null,
  ): Promise<Checks | CriticalIssue> {
    const { horizon } = this.request;
    const source = this.source === null ? null : frozenSource;
    try {
      return await inTime(checkSample({ table, target, source, horizon, signal: this.signal }), SOURCE_PATIENCE_MS);
    } catch (error) {
      const issue = this.issueOf(error, table.source.name);
      if (issue.code !== 'TARGET_UNREACHABLE') return issue;
      // It is the source that does not answer, if the target does.
      await target.watch.horizon();
      void this.closeSource();
      return NO_CHECKS;
    }
  }

  /** Errors: those that are no database's, and the end of the observation. */
  private issueOf(error: unknown, object: string): CriticalIssue {
    this.signal.throwIfAborted();
    if (!(error instanceof MigrationError) || error.code === 'INTERNAL') throw error;
    const silent = SILENT.has(error.code);
    return { code: silent ? 'TARGET_UNREACHABLE' : 'TABLE_UNREADABLE', object, found: error.message };
  }

  /** One that does not answer does not say goodbye either, and need not be waited for. */
  private async closeSource(): Promise<void> {
    const { source } = this;
    this.source = null;
    await Promise.allSettled([source?.[Symbol.asyncDispose]()]);
  }

  private async closeTarget(): Promise<void> {
    const { target } = this;
    this.target = null;
    await Promise.allSettled([target?.[Symbol.asyncDispose]()]);
  }
}

function sumOf(one: Checks, other: Checks): Checks {
  return {
    checked: one.checked + other.checked,
    failed: one.failed + other.failed,
    failures: [...one.failures, ...other.failures],
  };
}

/** Some of the items: others in each round, until all have had their turn. */
function turn<T>(items: readonly T[], round: number, size: number): readonly T[] {
  if (items.length <= size) return items;
  const start = (round * size) % items.length;
  return [...items, ...items].slice(start, start + size);
}

/** Errors: CONNECTION_LOST when it takes too long. */
async function inTime<T>(work: Promise<T>, patienceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    const error = new MigrationError('CONNECTION_LOST', `no answer within ${patienceMs / 1_000} s`);
    timer = setTimeout(() => reject(error), patienceMs);
  });
  try {
    return await Promise.race([work, overdue]);
  } finally {
    clearTimeout(timer);
    // What comes of it later is nobody's any more.
    work.catch(() => undefined);
  }
}
