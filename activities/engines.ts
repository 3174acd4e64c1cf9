import type { RunReference, TablesWork } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import type { RunWork, Source, Target } from '../engines/engine';
import { engineOf } from '../engines/registry';
import type { WorkerEnvironment } from './environment';

/** Errors: CONNECTION_*, LOGIN_REFUSED, PAIR_UNSUPPORTED. */
export async function openSource(environment: WorkerEnvironment, name: string): Promise<Source> {
  const settings = environment.connection(name);
  const engine = engineOf(settings.engine);
  if (engine.openSource === undefined) throw pairUnsupported(name, settings.engine, 'source');
  return engine.openSource(settings);
}

/** Errors: CONNECTION_*, LOGIN_REFUSED, PAIR_UNSUPPORTED. */
export async function openTarget(environment: WorkerEnvironment, name: string): Promise<Target> {
  const settings = environment.connection(name);
  const engine = engineOf(settings.engine);
  if (engine.openTarget === undefined) throw pairUnsupported(name, settings.engine, 'target');
  return engine.openTarget(settings);
}

function pairUnsupported(name: string, engine: string, role: string): MigrationError {
  return new MigrationError(
    'PAIR_UNSUPPORTED',
    `connection "${name}" is ${engine}, which cannot be a ${role} in this release: a source is MySQL or MariaDB, a target PostgreSQL`,
  );
}

/** Opens the run's target for the time of the work. */
export async function withTarget<T>(
  environment: WorkerEnvironment,
  run: RunReference,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  await using target = await openTarget(environment, run.target);
  return await work(target);
}

/** Opens both sides for the time of the work. */
export async function withBoth<T>(
  environment: WorkerEnvironment,
  run: RunReference,
  work: (source: Source, target: Target) => Promise<T>,
): Promise<T> {
  await using source = await openSource(environment, run.source);
  await using target = await openTarget(environment, run.target);
  return await work(source, target);
}

export function runWork(work: TablesWork, lane: string): RunWork {
  return { runId: work.run.runId, epoch: work.epoch, lane };
}
