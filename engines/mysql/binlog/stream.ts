import type { DatabaseSettings } from '../../../domain/connection';
import { assert, MigrationError } from '../../../domain/errors';
import type { ChangeSink, ChangeStream, SchemaChange, StreamRequest } from '../../engine';
import { alterTable } from '../alterTable';
import { openSession } from '../connection';
import { leavesOut, readLogStatus } from '../position';
import { serverId } from '../serverIdentity';
import type { Session } from '../session';
import { fileTime } from './fileTime';
import type { HeldChanges } from './held';
import { heldLog } from './heldLog';
import { readLabelBytes } from './labelBytes';
import { unreadable, type LabelBytes } from './layout';
import { LogReading } from './logReading';
import { Places } from './places';
import { containsPosition, Progress, type LogPosition } from './progress';
import { startPosition } from './start';
import { StreamedTables, type ServerNames } from './tables';

/** The largest offset that a server can be asked for. */
const LAST_OFFSET = 2 ** 32 - 1;

/** The binary log of a MySQL or MariaDB. */
export function mysqlChanges(settings: DatabaseSettings): ChangeStream {
  const places = new Places();
  const times = new Map<string, number>();
  const beganAt = async (file: string): Promise<number> => {
    const time = times.get(file) ?? (await fileTime(settings, file));
    times.set(file, time);
    return time;
  };
  return {
    start: async (patienceMs) => {
      await using session = await openSession(settings);
      return await startPosition(session, patienceMs);
    },
    stream: (request, sink) => new Streaming(settings, request, sink, places).run(),
    held: async (position) => {
      await using session = await openSession(settings);
      return await heldLog(session, position, places, beganAt);
    },
    alterations: alterTable,
    contains: containsPosition,
  };
}

class Streaming {
  private labels: LabelBytes = new Map();
  private names: ServerNames = { database: '', ignoresCase: false };

  constructor(
    private readonly settings: DatabaseSettings,
    private readonly request: StreamRequest,
    private readonly sink: ChangeSink,
    private readonly places: Places,
  ) {}

  async run(): Promise<SchemaChange> {
    const { request, sink } = this;
    request.signal.throwIfAborted();
    await using session = await openSession(this.settings);
    const from = await this.checkFrom(session);
    this.labels = await readLabelBytes(session, request.tables);
    this.names = await readNames(session);
    await refuseFilter(session, this.names);
    let change: SchemaChange | null = null;
    const reading: LogReading = new LogReading(session, {
      ...this.what(),
      progress: new Progress(from, (position, place) => this.places.note(position, place)),
      sink,
      onSchemaChange: (found) => {
        change = found;
        reading.stop();
      },
      readAgain: (held) => this.readAgain(held, from.server),
    });
    await reading.run(from, request.signal);
    assert(change, 'the log ends by a schema change alone');
    return change;
  }

  private what(): { tables: StreamedTables; tableNames: string[] } {
    const { tables } = this.request;
    return {
      tables: new StreamedTables(this.names, tables, this.labels),
      tableNames: tables.map(({ source }) => source.name),
    };
  }

  /** Errors: POSITION_LOST for a position of another server, or of none. */
  private async checkFrom(session: Session): Promise<LogPosition> {
    const { from } = this.request;
    const id = await serverId(session);
    if (from.kind === 'lsn' || from.kind === 'none') {
      throw positionLost(session, `there is no place in a binary log of the kind "${from.kind}"`);
    }
    if (from.server !== id) throw positionLost(session, 'this is not the server whose log was followed so far');
    if ((from.kind === 'mariadbGtid') !== (session.server.flavour === 'mariadb') && from.kind !== 'binlogFile') {
      throw positionLost(session, 'the place in the log is one of another kind of server');
    }
    if (from.kind === 'binlogFile' && Number(from.offset) > LAST_OFFSET) {
      throw positionLost(session, `the server cannot be asked for its log behind 4 GB of a file (${from.file})`);
    }
    return from;
  }

  /** Tells what counts of a transaction that was passed over, from a connection of its own. */
  private async readAgain(held: HeldChanges, server: string): Promise<void> {
    await using session = await openSession(this.settings);
    const { file, offset } = held.place;
    const from: LogPosition = { kind: 'binlogFile', server, file, offset: String(offset) };
    const { sink } = this;
    const reading: LogReading = new LogReading(session, {
      ...this.what(),
      progress: new Progress(from),
      sink: {
        begin: () => undefined,
        change: (change) => {
          sink.change(change);
        },
        end: () => {
          reading.stop();
        },
        idle: () => undefined,
        pressure: () => sink.pressure(),
      },
      onSchemaChange: () => {
        reading.stop();
      },
      readAgain: () => Promise.resolve(),
      again: held,
    });
    await reading.run(from, this.request.signal);
  }
}

function positionLost({ name }: Session, why: string): MigrationError {
  return new MigrationError('POSITION_LOST', `connection "${name}": ${why}`, { details: { connection: name } });
}

/** The database's name as the server has it, which may be another one than it was asked for by. */
async function readNames(session: Session): Promise<ServerNames> {
  const [row] = await session.query('SELECT DATABASE(), @@lower_case_table_names');
  return { database: row?.[0] ?? '', ignoresCase: row?.[1] !== '0' };
}

/** Errors: LOG_UNREADABLE when the server leaves the database out of its log (binlog_do_db, binlog_ignore_db). */
async function refuseFilter(session: Session, { database }: ServerNames): Promise<void> {
  if (!leavesOut(await readLogStatus(session), database)) return;
  throw unreadable('the log', `leaves out the database "${database}": binlog_do_db and binlog_ignore_db must not`);
}
