import { MigrationError } from '../../../domain/errors';
import type { LogPlace, Position, PreparedChanges } from '../../../domain/position';
import type { TransactionStart } from './gtidEvents';
import { GtidSet } from './gtidSet';
import { MariadbGtids } from './mariadbGtids';

export type LogPosition = Extract<Position, { kind: 'mysqlGtid' | 'mariadbGtid' | 'binlogFile' }>;

/** Everything that was told, in the terms in which the stream was asked for. */
export class Progress {
  /** Transactions that were prepared and neither committed nor rolled back so far. */
  readonly prepared: Map<string, LogPlace | null>;
  private readonly gtids: GtidSet | MariadbGtids | null;

  /** `onTold` hears of each position that is told, and of its place. */
  constructor(
    private readonly from: LogPosition,
    private readonly onTold: (position: Position, place: LogPlace) => void = () => undefined,
  ) {
    this.prepared = new Map(Object.entries(from.prepared ?? {}));
    if (from.kind === 'mysqlGtid') this.gtids = GtidSet.parse(from.set);
    else this.gtids = from.kind === 'mariadbGtid' ? MariadbGtids.parse(from.set) : null;
  }

  /** Counts a transaction as told. Errors: LOG_UNREADABLE for one without the name by which it must be counted. */
  add(gtid: TransactionStart['gtid']): void {
    const { gtids } = this;
    if (gtids === null) return;
    if (gtids instanceof GtidSet && gtid !== null && 'mysql' in gtid) gtids.add(gtid.mysql);
    else if (gtids instanceof MariadbGtids && gtid !== null && 'mariadb' in gtid) gtids.add(gtid.mariadb);
    else
      throw new MigrationError('LOG_UNREADABLE', 'the log holds a transaction without a GTID: gtid_mode was changed');
  }

  /** `place` is how far the log's file has been read. */
  position(place: LogPlace): Position {
    const position = this.positionAt(place);
    this.onTold(position, place);
    return position;
  }

  private positionAt(place: LogPlace): Position {
    const prepared = this.prepared.size === 0 ? {} : { prepared: Object.fromEntries(this.prepared) as PreparedChanges };
    const { from, gtids } = this;
    if (from.kind === 'binlogFile' || gtids === null) {
      return { kind: 'binlogFile', server: from.server, file: place.file, offset: String(place.offset), ...prepared };
    }
    return { kind: from.kind, server: from.server, set: gtids.toString(), ...prepared };
  }
}

/** Whether everything up to `other` has been told at `position`. Errors: POSITION_LOST when nothing can be said. */
export function containsPosition(position: Position, other: Position): boolean {
  if (position.server === other.server) {
    if (position.kind === 'mysqlGtid' && other.kind === 'mysqlGtid') {
      return GtidSet.parse(position.set).contains(GtidSet.parse(other.set));
    }
    if (position.kind === 'mariadbGtid' && other.kind === 'mariadbGtid') {
      return MariadbGtids.parse(position.set).contains(MariadbGtids.parse(other.set));
    }
    if (position.kind === 'binlogFile' && other.kind === 'binlogFile') {
      const files = compareFiles(position.file, other.file);
      return files > 0 || (files === 0 && Number(position.offset) >= Number(other.offset));
    }
  }
  throw new MigrationError(
    'POSITION_LOST',
    'two positions of the source are of different servers, or of different kinds',
  );
}

/** Files are numbered behind the last point; the number grows in length beyond 999999. */
function compareFiles(a: string, b: string): number {
  const number = (file: string): number => Number(file.slice(file.lastIndexOf('.') + 1));
  return number(a) - number(b);
}
