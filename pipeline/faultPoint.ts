import { closeSync, openSync } from 'node:fs';

/** Places where a fault test ends the process with SIGKILL, to show that nothing is lost there. */
export const FAULT_POINTS = [
  'copy.beforeClaim',
  'copy.afterClaim',
  'copy.midway',
  'copy.beforeCommit',
  'copy.afterCommit',
  'build.afterStep',
  'verify.afterPart',
  'freeze.recorded',
  'freeze.frozen',
  'commit.decided',
  'switch.applied',
  'compensation.begun',
  'compensation.done',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];

/** `<point>=<marker file>`: the process that creates the marker dies, those after it live. */
const armed = /^([a-zA-Z.]+)=(.+)$/.exec(process.env['MIGRATION_FAULT_POINT'] ?? '');

/** Does nothing unless MIGRATION_FAULT_POINT names this very point, which only fault tests do. */
export function faultPoint(point: FaultPoint): void {
  if (armed === null || armed[1] !== point) return;
  const marker = armed[2] ?? '';
  try {
    closeSync(openSync(marker, 'wx'));
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGKILL');
}
