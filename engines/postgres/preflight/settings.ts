import type { Finding } from '../../../domain/finding';
import { settingFinding } from '../../../domain/preflight/settingFinding';
import type { PostgresSession } from '../connection';

/** What of a target's settings a person should know; our own sessions pin what changes the meaning of a value. */
export async function settingFindings(session: PostgresSession): Promise<Finding[]> {
  const [row] = await session.query(
    `select current_setting('wal_level'), current_setting('fsync'), current_setting('full_page_writes')`,
  );
  const [walLevel = '', fsync = '', fullPageWrites = ''] = (row ?? []).map((cell) => cell ?? '');
  return findInSettings(session.name, { walLevel, fsync, fullPageWrites });
}

export function findInSettings(
  name: string,
  { walLevel, fsync, fullPageWrites }: { walLevel: string; fsync: string; fullPageWrites: string },
): Finding[] {
  const unsafe = [
    ...(fsync === 'off' ? ['fsync = off'] : []),
    ...(fullPageWrites === 'off' ? ['full_page_writes = off'] : []),
  ];
  return [
    ...(unsafe.length === 0
      ? []
      : [
          settingFinding(
            name,
            'warning',
            unsafe.join(', '),
            'a crash of the target can lose or tear what has been copied and verified: turn it on before the cutover',
          ),
        ]),
    ...(walLevel === 'logical'
      ? []
      : [
          settingFinding(
            name,
            'info',
            `wal_level = ${walLevel}`,
            'bigBang needs no more; to lead changes back to the source, as a later release does: wal_level = logical, and a restart',
          ),
        ]),
  ];
}
