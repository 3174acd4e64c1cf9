import type { HeldLog } from '../../../domain/logRetention';
import type { LogPlace, Position } from '../../../domain/position';
import { readRetention } from '../retention';
import { serverId } from '../serverIdentity';
import type { Session } from '../session';
import { GtidSet } from './gtidSet';
import { MariadbGtids } from './mariadbGtids';
import type { Places } from './places';
import type { LogPosition } from './progress';

interface LogFile {
  readonly name: string;
  readonly bytes: number;
}

/** Where every file of the log begins: behind the mark that it has. */
const FIRST_EVENT = 4;

const LOST: HeldLog = { isThere: false, behindBytes: 0, retentionSeconds: null, leftSeconds: null };

/**
 * What of its log a server still has behind a position. `beganAt` answers when a file was begun, in epoch seconds, which
 * is when the one before it was finished. Errors: PRIVILEGE_MISSING.
 */
export async function heldLog(
  session: Session,
  position: Position,
  places: Places,
  beganAt: (file: string) => Promise<number>,
): Promise<HeldLog> {
  if (position.kind === 'lsn' || position.kind === 'none' || position.server !== (await serverId(session))) return LOST;
  const files = await readFiles(session);
  const place = await findPlace(session, position, files);
  if (place === null) return LOST;
  const known = places.reachedBy(position);
  const isCloser = known !== null && indexOf(files, known.file) >= indexOf(files, place.file);
  const { file, offset } = isCloser && known.offset > offsetIn(place, known.file) ? known : place;
  const needed = [file, ...Object.values(position.prepared ?? {}).flatMap((held) => held?.file ?? [])];
  const first = Math.min(...needed.map((name) => indexOf(files, name)));
  if (first < 0) return LOST;
  const follow = files.slice(indexOf(files, file));
  const retentionSeconds = await readRetention(session);
  return {
    isThere: true,
    behindBytes: follow.reduce((sum, { bytes }) => sum + bytes, 0) - offset,
    retentionSeconds,
    leftSeconds: retentionSeconds && (await leftOf(session, retentionSeconds, files[first + 1], beganAt)),
  };
}

/** The file that is written now is kept; once it is finished, its time begins. */
async function leftOf(
  session: Session,
  retentionSeconds: number,
  next: LogFile | undefined,
  beganAt: (file: string) => Promise<number>,
): Promise<number> {
  if (next === undefined) return retentionSeconds;
  const [row] = await session.query('SELECT UNIX_TIMESTAMP()');
  const finished = await beganAt(next.name);
  return Math.max(0, retentionSeconds - Math.max(0, Number(row?.[0]) - finished));
}

async function readFiles(session: Session): Promise<LogFile[]> {
  const rows = await session.show('SHOW BINARY LOGS');
  return rows.map((row) => ({ name: row['Log_name'] ?? '', bytes: Number(row['File_size']) }));
}

function indexOf(files: readonly LogFile[], name: string): number {
  return files.findIndex((file) => file.name === name);
}

function offsetIn(place: LogPlace, file: string): number {
  return place.file === file ? place.offset : 0;
}

/** A place at which the log does not lack anything behind the position, as late as the server tells; null where it does. */
async function findPlace(session: Session, position: LogPosition, files: readonly LogFile[]): Promise<LogPlace | null> {
  switch (position.kind) {
    case 'binlogFile': {
      const [file, offset] = [files[indexOf(files, position.file)], Number(position.offset)];
      return file === undefined || offset > file.bytes ? null : { file: file.name, offset };
    }
    case 'mysqlGtid': {
      const applied = GtidSet.parse(position.set);
      const [row] = await session.query('SELECT @@global.gtid_purged, @@global.gtid_executed');
      const [purged, executed] = [GtidSet.parse(row?.[0] ?? ''), GtidSet.parse(row?.[1] ?? '')];
      if (!applied.contains(purged) || !executed.contains(applied)) return null;
      if (applied.contains(executed)) return endOf(files);
      return lastThat(files, async ({ name }) => applied.contains(GtidSet.parse(await previousGtids(session, name))));
    }
    case 'mariadbGtid': {
      const applied = MariadbGtids.parse(position.set);
      const [row] = await session.query('SELECT @@global.gtid_binlog_pos');
      const written = MariadbGtids.parse(row?.[0] ?? '');
      if (!written.contains(applied)) return null;
      if (applied.contains(written)) return endOf(files);
      return lastThat(files, async ({ name }) => applied.contains(MariadbGtids.parse(await startGtids(session, name))));
    }
  }
}

function endOf(files: readonly LogFile[]): LogPlace | null {
  const last = files.at(-1);
  return last === undefined ? null : { file: last.name, offset: last.bytes };
}

/** The beginning of the last file that begins so; those before it do, too. Null when none does. */
async function lastThat(
  files: readonly LogFile[],
  holds: (file: LogFile) => Promise<boolean>,
): Promise<LogPlace | null> {
  let [from, to] = [0, files.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (await holds(files[middle] as LogFile)) from = middle + 1;
    else to = middle;
  }
  const file = files[from - 1];
  return file === undefined ? null : { file: file.name, offset: FIRST_EVENT };
}

/** What was committed before a file of MySQL's log was begun. */
async function previousGtids(session: Session, file: string): Promise<string> {
  const rows = await session.show(`SHOW BINLOG EVENTS IN '${file}' LIMIT 3`);
  const [event] = rows.filter((row) => row['Event_type'] === 'Previous_gtids');
  return (event?.['Info'] ?? '').replaceAll(/\s/g, '');
}

/** The last transactions before a file of MariaDB's log was begun. */
async function startGtids(session: Session, file: string): Promise<string> {
  const [row] = await session.query(`SELECT BINLOG_GTID_POS('${file}', ${FIRST_EVENT})`);
  return row?.[0] ?? '';
}
