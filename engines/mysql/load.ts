import type { Replication, ServerLoad } from '../engine';
import { replicationStatus } from './replication';
import type { Session } from './session';

type Status = Partial<Record<string, string | null>>;

export function mysqlLoad(session: Session): ServerLoad {
  return {
    async running() {
      const [row] = await session.show("SHOW GLOBAL STATUS LIKE 'Threads_running'");
      return Number(row?.['Value']);
    },
    // Replicas of MySQL know their source by its UUID, those of MariaDB by the number that whoever runs it gave it.
    async ids() {
      const rows = await session.show("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'server_id')");
      return rows.map((row) => row['Value'] ?? '');
    },
    async replication() {
      return (await replicationStatus(session)).map(asReplication);
    },
  };
}

/** The words are other ones since MySQL 8.0.22; MariaDB has kept them. */
function asReplication(status: Status): Replication {
  const say = (now: string, before: string): string => status[now] ?? status[before] ?? '';
  const behind = say('Seconds_Behind_Source', 'Seconds_Behind_Master');
  const threads = [
    ['the receiver', say('Replica_IO_Running', 'Slave_IO_Running'), status['Last_IO_Error']],
    ['the applier', say('Replica_SQL_Running', 'Slave_SQL_Running'), status['Last_SQL_Error']],
  ] as const;
  const stopped = threads
    .filter(([, running]) => running !== 'Yes')
    .map(([what, running, error]) => `${what} runs: ${running}${error ? ` (${error})` : ''}`);
  const follows = behind !== '' && stopped.length === 0;
  return {
    behindSeconds: follows ? Number(behind) : null,
    stopped: follows ? '' : stopped.join(', ') || 'it does not know how far behind it is',
    reads: say('Source_UUID', 'Master_UUID') || numberOf(say('Source_Server_Id', 'Master_Server_Id')),
  };
}

/** 0 stands for a server that has not been reached yet. */
function numberOf(id: string): string {
  return id === '0' ? '' : id;
}
