import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { MigrationResult } from '../../domain/result';
import { reasonOf } from '../servers/run';
import { Application, ON_TARGET } from './application';
import { Faults, type Victim } from './faults';
import { differences, ledgerOf } from './ledger';
import { ChaosMigration } from './migration';
import { openSide } from './side';
import { ChaosStage, type Flavour } from './stage';
import { strayObjects } from './leftovers';

export interface ChaosOptions {
  readonly seed: number;
  /** Where what is needed to find a failure's cause is kept, in a folder of the seed's own. */
  readonly failures: string;
  /** What all writers together are to reach while they can write. */
  readonly changesPerSecond: number;
  /** Row changes that the application makes on each side after a switch; more make a run longer. */
  readonly changesAfter: number;
  /** Rows a second that the copy is held to, so that it is under way for a while. */
  readonly copyRowsPerSecond: number;
  /** From then on nothing dies any more: what is left must come to its end by itself. */
  readonly faultsMs: number;
}

/** One line of the results. */
export interface ChaosRun {
  readonly seed: number;
  readonly flavour: Flavour;
  readonly ending: 'accept' | 'rollback';
  readonly ok: boolean;
  /** What is not as promised; none is what is wanted. */
  readonly problems: readonly string[];
  readonly seconds: number;
  readonly changes: number;
  /** The median over the seconds in which any were acknowledged. */
  readonly changesPerSecond: number;
  readonly unknownOutcomes: { readonly asked: number; readonly stored: number };
  readonly faults: Readonly<Record<Victim, number>>;
  readonly aimedFaults: number;
  /** How often the cutover was begun. */
  readonly cutovers: number;
  readonly manualSteps: readonly string[];
  /** Why cutovers were sent back, and tried again by themselves. */
  readonly sentBack: readonly string[];
  readonly freezeMs: number;
}

/** A run that takes longer is stuck. */
const MOST_MS = 420_000;
/** How many differences a result names. */
const NAMED = 10;

/** One migration under faults, with its ledger. Errors: what keeps a run from being made at all. */
export async function chaosRun({ seed, ...options }: ChaosOptions): Promise<ChaosRun> {
  const flavour: Flavour = seed % 2 === 0 ? 'mysql' : 'mariadb';
  const ending = Math.floor(seed / 2) % 2 === 0 ? 'rollback' : 'accept';
  const startedAt = Date.now();
  await using stage = await ChaosStage.open(flavour);
  const application = new Application(
    seed,
    options.changesPerSecond,
    stage.switchFile,
    stage.applicationUrl,
    stage.targetUrl,
  );
  const migration = new ChaosMigration(stage.temporal.address, `chaos-${seed}`, startedAt + MOST_MS);
  await migration.start(inputOf(stage, options));
  // A preflight that meets a server which is down says so, and makes nothing.
  await migration.until(({ phase }) => phase !== 'preflight');
  const faults = new Faults(stage, seed);
  const calm = new AbortController();
  const calming = wait(options.faultsMs, undefined, { signal: calm.signal }).then(
    () => faults.end(),
    () => undefined,
  );
  const manualSteps: string[] = [];
  const problems: string[] = [];
  let result: MigrationResult | null = null;
  try {
    result = await story(migration, application, ending, options.changesAfter, manualSteps);
    await application.writeOn(options.changesAfter);
  } catch (error) {
    problems.push(rootReason(error));
  }
  calm.abort();
  await calming;
  await faults.end();
  await application.stop();
  if (result !== null) {
    problems.push(...(await judged(stage, application, result, ending)));
  }
  if (problems.length > 0 || manualSteps.length > 0) {
    await keepEvidence(join(options.failures, `seed-${seed}`), stage, migration, faults, problems);
  }
  const cutover = result?.phases.find(({ name }) => name === 'cutover');
  return {
    seed,
    flavour,
    ending,
    ok: problems.length === 0 && manualSteps.length === 0,
    problems,
    seconds: Math.round((Date.now() - startedAt) / 100) / 10,
    changes: application.changes,
    changesPerSecond: application.changesPerSecond,
    unknownOutcomes: application.unknown,
    faults: faults.count,
    aimedFaults: faults.aimed,
    cutovers: cutover?.attempts ?? 0,
    manualSteps,
    sentBack: [...migration.failures],
    freezeMs: result?.freezeMs ?? 0,
  };
}

function inputOf(stage: ChaosStage, { copyRowsPerSecond }: Omit<ChaosOptions, 'seed'>): object {
  return {
    source: 'shop_mysql',
    target: 'shop_pg',
    strategy: 'live',
    copy: { chunkBytes: 65_536, parallelism: 2, rowsPerSecond: copyRowsPerSecond },
    trial: { percent: 0 },
    cutover: { attempts: 50, switch: [{ kind: 'file', path: stage.switchFile, content: ON_TARGET }] },
  };
}

/** What a person does: approve, look at the application on the target, decide. Whatever else is asked for is a manual step. */
async function story(
  migration: ChaosMigration,
  application: Application,
  ending: ChaosRun['ending'],
  changesAfter: number,
  manualSteps: string[],
): Promise<MigrationResult> {
  for (let approved: string | null = null; ;) {
    const asked = await migration.until(({ waitingFor, evidence }) => {
      application.check();
      return waitingFor !== null && !(waitingFor === 'approval' && evidence === approved);
    });
    if (asked === null) return migration.result();
    const { waitingFor, evidence, lastFailure } = asked;
    if (waitingFor === 'acceptance') break;
    if (waitingFor !== 'approval') throw new Error(`a person is asked for ${waitingFor ?? ''}`);
    if (approved !== null) manualSteps.push(`approve again: ${lastFailure ?? 'what was approved has changed'}`);
    approved = evidence;
    await migration.signal('approveCutover', { approver: 'ann', evidence });
  }
  await application.writeOn(changesAfter);
  if (ending === 'accept') await migration.signal('acceptMigration', { approver: 'ann' });
  else await migration.signal('requestRollback', { by: 'ann', reason: 'the new side is slow' });
  return migration.result();
}

const LOSSES = /WAY_BACK|ROLLBACK|WRITTEN|LATE/u;

/** What is not as promised once everything is at rest. */
async function judged(
  stage: ChaosStage,
  application: Application,
  result: MigrationResult,
  ending: ChaosRun['ending'],
): Promise<string[]> {
  const wanted = ending === 'accept' ? 'accepted' : 'rolledBack';
  const problems: string[] = [];
  if (result.outcome !== wanted) problems.push(`the outcome is ${result.outcome}`);
  for (const { name, mismatches } of result.tables)
    if (mismatches > 0) problems.push(`${mismatches} mismatches in ${name}`);
  for (const { code, source } of result.findings) if (LOSSES.test(code)) problems.push(`${code}: ${source}`);
  const side = await openSide(ending === 'accept' ? stage.targetUrl : stage.applicationUrl);
  try {
    const ledgers = application.writers.map(({ ledger }) => ledger);
    const found = differences(ledgers, await ledgerOf(side));
    problems.push(...found.slice(0, NAMED));
    if (found.length > NAMED) problems.push(`and ${found.length - NAMED} differences more`);
  } finally {
    await side.end();
  }
  return [...problems, ...(await strayObjects(stage))];
}

/** Temporal's failures say least on top. */
function rootReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? reasonOf(error) : rootReason(cause);
}

async function keepEvidence(
  folder: string,
  stage: ChaosStage,
  migration: ChaosMigration,
  faults: Faults,
  problems: readonly string[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const history = await migration.history().catch((error: unknown) => reasonOf(error));
  const keep = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  await keep('worker.log', stage.worker.log);
  await keep('faults.log', faults.log.join('\n'));
  await keep('problems.json', JSON.stringify({ problems, progress: migration.last }, null, 2));
  await keep('history.json', JSON.stringify(history, null, 1));
}
