import type { PreflightAnswer, PreflightOptions, RunReference } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import type { Finding } from '../domain/finding';
import type { Source, Target } from '../engines/engine';
import { activity } from './activity';
import { refuseForbidden } from './allowed';
import { openSource, openTarget } from './engines';
import type { WorkerEnvironment } from './environment';

/** Looks at both servers and changes nothing. Everything found comes at once; a login that fails is a finding too. */
export function preflightActivities(environment: WorkerEnvironment) {
  return {
    preflight: activity(async (_self, run: RunReference, options: PreflightOptions): Promise<PreflightAnswer> => {
      environment.connection(run.source);
      environment.connection(run.target);
      refuseForbidden(environment, options.switch);
      const findings: Finding[] = [];
      await using source = await orFinding(run.source, findings, () => openSource(environment, run.source));
      await using target = await orFinding(run.target, findings, () => openTarget(environment, run.target));
      if (source !== null)
        findings.push(
          ...(await source.preflight(options.freeze === 'accounts' ? 'accounts' : 'readOnly')).map((finding) =>
            unlessFrozen(finding, options),
          ),
        );
      if (target !== null) findings.push(...(await target.preflight(options.targetSchema, options.targetGrants)));
      return { ...(await versions(run, source, target)), findings };
    }),
  };
}

async function versions(
  run: RunReference,
  source: Source | null,
  target: Target | null,
): Promise<{ sourceVersion: string; targetVersion: string }> {
  const sourceIs = await source?.identity();
  const targetIs = await target?.identity();
  if (sourceIs !== undefined && sourceIs.id === targetIs?.id) {
    throw new MigrationError(
      'SAME_SOURCE_AND_TARGET',
      `connections "${run.source}" and "${run.target}" reach the same database of the same server`,
    );
  }
  return { sourceVersion: sourceIs?.version ?? 'unknown', targetVersion: targetIs?.version ?? 'unknown' };
}

const FOR_THE_FREEZE: ReadonlySet<string> = new Set(['GRANT_MISSING', 'REPLICATION_RUNNING', 'PREPARED_TRANSACTION']);

/** Where nothing will be frozen, what only a freeze needs is told and not asked for. */
function unlessFrozen(finding: Finding, { freeze }: PreflightOptions): Finding {
  return freeze === 'none' && FOR_THE_FREEZE.has(finding.code) && finding.severity === 'blocking'
    ? { ...finding, severity: 'warning' }
    : finding;
}

const LOGIN_ERRORS: ReadonlySet<string> = new Set([
  'CONNECTION_FAILED',
  'CONNECTION_LOST',
  'LOGIN_REFUSED',
  'PRIVILEGE_MISSING',
  'SERVER_BUSY',
]);

async function orFinding<T>(name: string, findings: Finding[], open: () => Promise<T>): Promise<T | null> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof MigrationError) || !LOGIN_ERRORS.has(error.code)) throw error;
    findings.push({
      code: 'LOGIN_FAILED',
      severity: 'blocking',
      object: name,
      source: error.code,
      target: '',
      reason: error.message,
    });
    return null;
  }
}
