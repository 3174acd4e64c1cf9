import type { PreflightAnswer, PreflightOptions, RunReference } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import type { Finding } from '../domain/finding';
import { makeChecks } from '../domain/preflight/checks';
import { networkFindings, type NetworkMeasure } from '../domain/preflight/network';
import type { ServerIdentity, Source, Target } from '../engines/engine';
import { activity } from './activity';
import { refuseForbidden } from './allowed';
import { openSource, openTarget } from './engines';
import type { WorkerEnvironment } from './environment';
import { findInPlan } from './preflight/early';
import { findInHaproxy } from './preflight/haproxy';
import { orFinding } from './preflight/login';
import { findInMachine } from './preflight/machine';
import { findInReplicas } from './preflight/replicas';
import { findInClocks, findInTimeZones, measureNetwork } from './preflight/servers';
import { findInSpace } from './preflight/space';

/** Looks at both servers and changes nothing. Everything found comes at once; a login that fails is a finding too. */
export function preflightActivities(environment: WorkerEnvironment) {
  return {
    preflight: activity(async (self, run: RunReference, options: PreflightOptions): Promise<PreflightAnswer> => {
      environment.connection(run.source);
      environment.connection(run.target);
      for (const replica of options.replicas) environment.connection(replica);
      refuseForbidden(environment, options.switch, options.probeUrl);
      const findings: Finding[] = [];
      await using source = await orFinding(run.source, findings, () => openSource(environment, run.source));
      await using target = await orFinding(run.target, findings, () => openTarget(environment, run.target));
      const answer = await versions(run, source, target);
      if (source !== null) {
        const found = await source.preflight(options.freeze, options.strategy === 'live');
        findings.push(...found.map((finding) => unlessFrozen(finding, options)));
      }
      if (target !== null) findings.push(...(await target.preflight(options.targetSchema, options.targetGrants)));
      if (source !== null) findings.push(...(await findInReplicas(environment, source, options.replicas)));
      findings.push(...(await findInHaproxy(environment, options.switch, self.signal)));
      findings.push(...(await findInBackup(environment, run, target, options)));
      const network = {
        source: await throughput(run.source, source, findings),
        target: await throughput(run.target, target, findings),
      };
      if (source !== null && target !== null) findings.push(...(await findInBoth(run, source, target, options)));
      const [folder = '.'] = environment.fileRoots;
      const machine = { what: "the worker's machine", find: () => findInMachine(folder) };
      findings.push(...(await makeChecks('worker', [machine])));
      if (source !== null && target !== null) findings.push(...(await early(run, source, target, options, findings)));
      return { ...answer, network, findings };
    }),
  };
}

/** Whether the target needs a backup, and can get one. */
async function findInBackup(
  { backupPrograms }: WorkerEnvironment,
  run: RunReference,
  target: Target | null,
  { backup: { mode } }: PreflightOptions,
): Promise<readonly Finding[]> {
  if (target?.backup === undefined) return [];
  const { backup } = target;
  return makeChecks(run.target, [
    { what: 'what a backup of the target needs', find: () => backup.preflight(mode, backupPrograms) },
  ]);
}

/** Measures the way to a server and adds what is found; null where it cannot be measured. */
async function throughput(
  name: string,
  server: Source | Target | null,
  findings: Finding[],
): Promise<NetworkMeasure | null> {
  if (server === null) return null;
  let measured: NetworkMeasure | null = null;
  const check = {
    what: 'the speed of the network',
    find: async () => {
      measured = await measureNetwork(server.probe);
      return networkFindings(name, measured);
    },
  };
  findings.push(...(await makeChecks(name, [check])));
  return measured;
}

/** What else is wrong must not hide behind an input that fits nothing: then that is a finding beside the others. */
function early(
  run: RunReference,
  source: Source,
  target: Target,
  options: PreflightOptions,
  others: readonly Finding[],
): Promise<readonly Finding[]> {
  const find = (): Promise<Finding[]> => findInPlan(source, target, options);
  const blocked = others.some(({ severity }) => severity === 'blocking');
  return blocked ? makeChecks(run.source, [{ what: 'what the input names', find }]) : find();
}

function findInBoth(
  run: RunReference,
  source: Source,
  target: Target,
  options: PreflightOptions,
): Promise<readonly Finding[]> {
  const [ofSource, ofTarget] = [
    { name: run.source, probe: source.probe },
    { name: run.target, probe: target.probe },
  ];
  return makeChecks(run.target, [
    { what: 'the clocks', find: () => findInClocks(ofSource, ofTarget) },
    { what: 'the time zones', find: () => findInTimeZones(ofSource, ofTarget) },
    { what: 'the free space', find: () => findInSpace(run.target, source, target, options) },
  ]);
}

async function versions(
  run: RunReference,
  source: Source | null,
  target: Target | null,
): Promise<Pick<PreflightAnswer, 'sourceVersion' | 'targetVersion'>> {
  const sourceIs = await source?.identity();
  const targetIs = await target?.identity();
  if (sourceIs !== undefined && targetIs !== undefined) refuseSameDatabase(run, sourceIs, targetIs);
  return { sourceVersion: sourceIs?.version ?? 'unknown', targetVersion: targetIs?.version ?? 'unknown' };
}

/** Errors: SAME_SOURCE_AND_TARGET. */
export function refuseSameDatabase(run: RunReference, source: ServerIdentity, target: ServerIdentity): void {
  if (source.id !== target.id) return;
  throw new MigrationError(
    'SAME_SOURCE_AND_TARGET',
    `connections "${run.source}" and "${run.target}" reach the same database of the same server`,
  );
}

const FOR_THE_FREEZE: ReadonlySet<string> = new Set(['REPLICATION_RUNNING']);

/** Where nothing will be frozen, what only a freeze needs is told and not asked for. */
function unlessFrozen(finding: Finding, { freeze }: PreflightOptions): Finding {
  return freeze === 'none' && FOR_THE_FREEZE.has(finding.code) && finding.severity === 'blocking'
    ? { ...finding, severity: 'warning' }
    : finding;
}
