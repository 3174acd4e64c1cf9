import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from '../../domain/errors';
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
  const [mode] = await session.query('SELECT @@global.gtid_mode');
  if (mode?.[0] === 'ON') {
    await commitsUnderWay(session);
    const [executed] = await session.query('SELECT @@global.gtid_executed');
    return { kind: 'mysqlGtid', server, set: (executed?.[0] ?? '').replaceAll('\n', '') };
  }
  const status = await readLogStatus(session);
  return { kind: 'binlogFile', server, file: status['File'] ?? '', offset: status['Position'] ?? '' };
}

/** Whether a log of this status has no changes of a database (binlog_do_db, binlog_ignore_db). */
export function leavesOut(status: LogStatus, database: string): boolean {
  const listed = (column: string): string[] => (status[column] ?? '').split(',').filter((name) => name !== '');
  const only = listed('Binlog_Do_DB');
  return (only.length > 0 && !only.includes(database)) || listed('Binlog_Ignore_DB').includes(database);
}

type LogStatus = Partial<Record<string, string | null>>;

/** Where the log's file stands, and which databases are left out of it. Empty where there is no log. */
export async function readLogStatus(session: Session): Promise<LogStatus> {
  const isNew = session.server.flavour === 'mysql' && session.server.version >= 80200;
  const [status] = await session.show(isNew ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
  return status ?? {};
}

/** A commit takes milliseconds; what is owned for longer belongs to somebody who set its GTID and does not commit. */
const COMMIT_PATIENCE_MS = 10_000;
const LOOK_MS = 1;

/**
 * Waits until transactions that are being committed now are in gtid_executed: they can be read before they are there, and
 * a position behind what was read would have them told as if they came later. Errors: SERVER_BUSY.
 */
async function commitsUnderWay(session: Session): Promise<void> {
  const giveUpAt = Date.now() + COMMIT_PATIENCE_MS;
  let waitedFor = await readOwned(session);
  while (waitedFor.size > 0) {
    if (Date.now() >= giveUpAt) {
      throw new MigrationError(
        'SERVER_BUSY',
        `connection "${session.name}": transactions have been committing for ${COMMIT_PATIENCE_MS / 1_000} s (@@gtid_owned: ${[...waitedFor].join(', ')})`,
      );
    }
    await delay(LOOK_MS);
    const owned = await readOwned(session);
    waitedFor = new Set([...waitedFor].filter((gtid) => owned.has(gtid)));
  }
}

/** Each transaction that has its GTID and is not in gtid_executed: `uuid:gno#thread:gno#thread, uuid:…`, with tags before numbers. */
async function readOwned(session: Session): Promise<Set<string>> {
  const [row] = await session.query('SELECT @@global.gtid_owned');
  const owned = new Set<string>();
  for (const group of (row?.[0] ?? '').split(',').map((text) => text.trim())) {
    const [uuid = '', ...parts] = group.split(':');
    let tag = '';
    for (const part of parts) {
      if (part.includes('#')) owned.add(`${uuid}:${tag}${part}`);
      else tag = `${part}:`;
    }
  }
  return owned;
}
