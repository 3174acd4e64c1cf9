import { randomInt, randomUUID } from 'node:crypto';
import type { Session } from '../session';
import { dumpBehind, dumpFrom, dumpFromState } from './commands';
import { GtidSet } from './gtidSet';
import { LogConnection } from './logConnection';
import { LogReader } from './logReader';
import { MariadbGtids } from './mariadbGtids';
import type { LogPosition } from './progress';
import { Transactions, type ToldTo } from './transactions';

/** How often the server says that there is nothing new, which is also how soon a dead connection is noticed. */
const HEARTBEAT_NS = 250_000_000;

/** One reading of the log over a session, from its request to the sink. */
export class LogReading {
  private readonly reader: LogReader;
  private readonly connection: LogConnection;

  constructor(
    private readonly session: Session,
    told: ToldTo,
  ) {
    this.reader = new LogReader(new Transactions({ ...told, place: () => this.reader.place }));
    this.connection = new LogConnection(session, this.reader);
  }

  /** Resolves by `stop` alone. */
  async run(from: LogPosition, signal: AbortSignal): Promise<void> {
    this.reader.checksums = await prepareSession(this.session, from);
    await this.connection.run(command(from), signal);
  }

  stop(): void {
    this.connection.stop();
  }
}

/** Tells the server what a reader of its log can do; answers whether its events have checksums at first. */
export async function prepareSession(session: Session, from: LogPosition): Promise<boolean> {
  const [row] = await session.query('SELECT @@global.binlog_checksum');
  const algorithm = row?.[0] ?? 'NONE';
  const variables =
    session.server.flavour === 'mariadb'
      ? {
          master_binlog_checksum: `'${algorithm}'`,
          master_heartbeat_period: HEARTBEAT_NS,
          mariadb_slave_capability: 4,
          ...(from.kind === 'mariadbGtid'
            ? {
                slave_connect_state: `'${MariadbGtids.parse(from.set).toString()}'`,
                slave_gtid_strict_mode: 0,
                slave_gtid_ignore_duplicates: 0,
              }
            : {}),
        }
      : {
          source_binlog_checksum: `'${algorithm}'`,
          master_binlog_checksum: `'${algorithm}'`,
          source_heartbeat_period: HEARTBEAT_NS,
          master_heartbeat_period: HEARTBEAT_NS,
          // Servers end an older reader of the same identity.
          replica_uuid: `'${randomUUID()}'`,
          slave_uuid: `'${randomUUID()}'`,
        };
  const assignments = Object.entries(variables).map(([name, value]) => `@${name} = ${value}`);
  await session.query(`SET ${assignments.join(', ')}`);
  return algorithm !== 'NONE';
}

function command(from: LogPosition): Buffer {
  const id = readerId();
  if (from.kind === 'mysqlGtid') return dumpBehind(GtidSet.parse(from.set), id);
  if (from.kind === 'mariadbGtid') return dumpFromState(id);
  return dumpFrom({ file: from.file, offset: Number(from.offset) }, id);
}

/**
 * The server_id by which this reader is known. Of the upper half, in which hardly anyone numbers servers, and by chance:
 * a server ends the reader that has the id of a new one.
 */
export function readerId(): number {
  return randomInt(2 ** 31, 2 ** 32 - 1);
}
