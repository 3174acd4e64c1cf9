import { closeSync, openSync } from 'node:fs';

/** Places where a fault test ends or suspends the process, to show that nothing is lost or doubled there. */
export const FAULT_POINTS = [
  'backup.dumping',
  'backup.restoring',
  'backup.tested',
  'trial.afterStep',
  'copy.beforeClaim',
  'copy.afterClaim',
  'copy.midway',
  'copy.beforeCommit',
  'copy.afterCommit',
  'build.afterStep',
  'verify.afterPart',
  'freeze.recorded',
  'freeze.frozen',
  'apply.before',
  'apply.after',
  'handOver.drained',
  'handOver.compared',
  'handOver.afterStep',
  'commit.checked',
  'commit.decided',
  'switch.applied',
  'extract.row',
  'compensation.begun',
  'compensation.done',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];

/**
 * `<point>[@<what>]=<marker file>`: the process that creates the marker is hit at the point, those after it are not.
 * With `@<what>` only where the point concerns that table, step or activity.
 */
const armed = /^([a-zA-Z.]+)(?:@([^=]+))?=(.+)$/.exec(process.env['MIGRATION_FAULT_POINT'] ?? '');
/** SIGSTOP suspends the process at the point, as a machine that swaps does, until it is woken by SIGCONT. */
const signal = process.env['MIGRATION_FAULT_SIGNAL'] === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL';

/** Does nothing unless MIGRATION_FAULT_POINT names this very point, which only fault tests do. */
export function faultPoint(point: FaultPoint, what = ''): void {
  if (armed === null || armed[1] !== point) return;
  const [, , where = what, marker = ''] = armed;
  if (where !== what) return;
  try {
    closeSync(openSync(marker, 'wx'));
  } catch {
    return;
  }
  process.kill(process.pid, signal);
}
