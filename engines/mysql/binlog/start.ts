import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from '../../../domain/errors';
import type { Position } from '../../../domain/position';
import { preparedTransactions } from '../holders';
import { serverId } from '../serverIdentity';
import type { Session } from '../session';

/** Between two looks for prepared transactions. */
const LOOK_MS = 200;

/**
 * A position that is not ahead of what a SELECT sees that begins later: whatever such a SELECT does not see comes behind
 * it. Nothing else will do: the log is written before the engine commits. A transaction prepared before the position
 * would be seen by neither, so it is taken anew until there is none. Errors: PRIVILEGE_MISSING without BACKUP_ADMIN
 * (MySQL) or XA_RECOVER_ADMIN; SERVER_BUSY when transactions stay prepared for longer than the patience; POSITION_LOST
 * where the server keeps no log.
 */
export async function startPosition(session: Session, patienceMs: number): Promise<Position> {
  const [row] = await session.query('SELECT @@global.log_bin');
  if (row?.[0] !== '1') {
    throw new MigrationError('POSITION_LOST', `connection "${session.name}": the server keeps no binary log`);
  }
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const position = await visiblePosition(session);
    // Later than the position: one that was prepared before it and has ended since is seen by every SELECT.
    const prepared = await preparedTransactions(session);
    if (prepared.length === 0) return position;
    if (Date.now() >= deadline) {
      const named = prepared.map(({ description }) => description).slice(0, 10);
      throw new MigrationError(
        'SERVER_BUSY',
        `connection "${session.name}": ${named.join('; ')}: commit or roll these back, then try again`,
      );
    }
    await delay(LOOK_MS);
  }
}

async function visiblePosition(session: Session): Promise<Position> {
  const server = await serverId(session);
  if (session.server.flavour === 'mysql') return statusPosition(session, server);
  try {
    return await snapshotPosition(session, server);
  } finally {
    await session.query('ROLLBACK');
  }
}

/** MySQL manual, "The log_status Table": the log's place and the engine's belong together. */
export async function statusPosition(session: Session, server: string): Promise<Position> {
  const [row] = await session.query('SELECT `LOCAL`, @@global.gtid_mode FROM performance_schema.log_status');
  const status = JSON.parse(row?.[0] ?? '{}') as {
    readonly gtid_executed: string;
    readonly binary_log_file: string;
    readonly binary_log_position: number;
  };
  if (row?.[1] === 'ON') {
    return { kind: 'mysqlGtid', server, set: status.gtid_executed.replaceAll('\n', '') };
  }
  return { kind: 'binlogFile', server, file: status.binary_log_file, offset: String(status.binary_log_position) };
}

/**
 * Begins a transaction that reads as of one moment, and answers where the log stands at it (MariaDB's manual, "START
 * TRANSACTION WITH CONSISTENT SNAPSHOT"). Errors: POSITION_LOST where the server does not tell.
 */
export async function snapshotPosition(session: Session, server: string): Promise<Position> {
  await session.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  const rows = await session.show("SHOW STATUS LIKE 'binlog_snapshot_%'");
  const value = (name: string): string =>
    rows.find((row) => row['Variable_name']?.toLowerCase() === name)?.['Value'] ?? '';
  const gtids = value('binlog_snapshot_gtid_pos') || null;
  if (gtids !== null) return { kind: 'mariadbGtid', server, set: gtids };
  const [row] = await session.query(
    `SELECT BINLOG_GTID_POS('${value('binlog_snapshot_file')}', ${value('binlog_snapshot_position')})`,
  );
  if (typeof row?.[0] === 'string') return { kind: 'mariadbGtid', server, set: row[0] };
  throw new MigrationError(
    'POSITION_LOST',
    `connection "${session.name}": the server does not tell where its log stands`,
  );
}
