import type { Position } from '../../domain/position';
import { serverId } from './serverIdentity';
import type { Session } from './session';

/** Where the binary log stands. Errors: PRIVILEGE_MISSING where only the log's file tells it (GTIDs off). */
export async function readPosition(session: Session): Promise<Position> {
  const server = await serverId(session);
  const [row] = await session.query('SELECT @@global.log_bin');
  if (row?.[0] !== '1') return { kind: 'none', server };
  return session.server.flavour === 'mariadb' ? mariadbPosition(session, server) : mysqlPosition(session, server);
}

/** MariaDB gives every transaction a GTID; this is of the log itself, without what was replicated and not logged. */
async function mariadbPosition(session: Session, server: string): Promise<Position> {
  const [row] = await session.query('SELECT @@global.gtid_binlog_pos');
  return { kind: 'mariadbGtid', server, set: row?.[0] ?? '' };
}

async function mysqlPosition(session: Session, server: string): Promise<Position> {
  const [row] = await session.query('SELECT @@global.gtid_mode, @@global.gtid_executed');
  if (row?.[0] === 'ON') return { kind: 'mysqlGtid', server, set: (row[1] ?? '').replaceAll('\n', '') };
  const status = await readLogStatus(session);
  return { kind: 'binlogFile', server, file: status['File'] ?? '', offset: status['Position'] ?? '' };
}

/** Where the log's file stands, and which databases are left out of it. Empty where there is no log. */
export async function readLogStatus(session: Session): Promise<Partial<Record<string, string | null>>> {
  const isNew = session.server.flavour === 'mysql' && session.server.version >= 80200;
  const [status] = await session.show(isNew ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
  return status ?? {};
}
