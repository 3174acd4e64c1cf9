import type { Finding } from '../../domain/finding';
import type { Session } from './session';

/** What writes to this server in spite of a freeze, because it comes from other servers. */
export async function replicationFindings(session: Session): Promise<Finding[]> {
  const streams = (await replicationStatus(session)).filter((row) =>
    [row['Replica_SQL_Running'], row['Slave_SQL_Running']].includes('Yes'),
  );
  const variables = await session.show(
    "SHOW GLOBAL VARIABLES WHERE (Variable_name = 'wsrep_on' AND Value = 'ON') OR (Variable_name = 'group_replication_group_name' AND Value <> '')",
  );
  const clusters = variables.map((row) => (row['Variable_name'] === 'wsrep_on' ? 'Galera' : 'Group Replication'));
  return [
    ...streams.map(() =>
      finding(session, 'a replication applier runs', 'stop it (STOP REPLICA), or migrate from the server it reads'),
    ),
    ...clusters.map((name) =>
      finding(session, `${name} is on`, 'other members write here: make a server of its own of one member first'),
    ),
  ];
}

/** A row for each server that this one reads, whether it does at the moment or not. */
export function replicationStatus(session: Session): ReturnType<Session['show']> {
  const { flavour, version } = session.server;
  if (flavour === 'mariadb') return session.show('SHOW ALL SLAVES STATUS');
  return session.show(version >= 80022 ? 'SHOW REPLICA STATUS' : 'SHOW SLAVE STATUS');
}

function finding(session: Session, source: string, todo: string): Finding {
  return {
    code: 'REPLICATION_RUNNING',
    severity: 'blocking',
    object: session.name,
    source,
    target: '',
    reason: `a freeze cannot hold what comes from another server: ${todo}`,
  };
}
