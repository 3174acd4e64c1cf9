import { MigrationError } from '../../domain/errors';
import { BEHIND } from '../../domain/heldBack';
import type { Finding, Severity } from '../../domain/finding';
import { makeChecks } from '../../domain/preflight/checks';
import type { Source } from '../../engines/engine';
import { openSource } from '../engines';
import type { WorkerEnvironment } from '../environment';
import { ofThisSource } from '../loadWatch';
import { orFinding } from './login';

/** Whether the lag of each connection of `copy.replicas` can throttle the copy. */
export async function findInReplicas(
  environment: WorkerEnvironment,
  source: Source,
  names: readonly string[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of names) {
    await using replica = await orFinding(name, findings, () => openSource(environment, name));
    if (replica === null) continue;
    const check = { what: 'its replication', find: () => findInReplica(name, source, replica) };
    findings.push(...(await makeChecks(name, [check])));
  }
  return findings;
}

async function findInReplica(name: string, source: Source, replica: Source): Promise<Finding[]> {
  const finding = (severity: Severity, found: string, reason: string): Finding => ({
    code: 'REPLICA_UNFIT',
    severity,
    object: name,
    source: found,
    target: '',
    reason,
  });
  const wait = 'the copy would wait for it without an end';
  const streams = await replica.load.replication().catch((error: unknown) => {
    if (error instanceof MigrationError && error.code === 'PRIVILEGE_MISSING') return error;
    throw error;
  });
  if (streams instanceof MigrationError) {
    const grant = 'GRANT REPLICATION CLIENT ON *.* (MariaDB: SLAVE MONITOR) to the user of this connection';
    return [{ ...finding('blocking', streams.message, `its lag cannot be read: ${grant}`), code: 'GRANT_MISSING' }];
  }
  if (streams.length === 0) {
    return [finding('blocking', 'it is no replica', `${wait}: name another connection in copy.replicas, or none`)];
  }
  const ids = await source.load.ids();
  const followed = ofThisSource(streams, ids);
  const stopped = followed.find(({ behindSeconds }) => behindSeconds === null);
  if (stopped !== undefined) {
    return [
      finding('blocking', `it does not follow: ${stopped.stopped}`, `${wait}: start its replication (START REPLICA)`),
    ];
  }
  const behind = Math.max(...followed.map(({ behindSeconds }) => behindSeconds ?? 0));
  return [
    ...(followed.some(({ reads }) => ids.includes(reads))
      ? []
      : [
          finding(
            'warning',
            'it reads another server than the source',
            'its lag counts all the same: see that what it reads follows the source, or name another connection',
          ),
        ]),
    ...(behind > BEHIND.waitsAbove
      ? [
          finding(
            'warning',
            `it is ${behind} s behind`,
            `the copy waits until it is ${BEHIND.goesOnAt} s behind or less`,
          ),
        ]
      : []),
  ];
}
