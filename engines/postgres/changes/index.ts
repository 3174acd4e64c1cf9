import type { DatabaseSettings } from '../../../domain/connection';
import { assert, MigrationError } from '../../../domain/errors';
import type { PlannedTable } from '../../../domain/plan';
import type { Position } from '../../../domain/position';
import type { TableLimits } from '../../../domain/columnLimits';
import type { Finding } from '../../../domain/finding';
import type { ChangeSink, KeptLog, RunWork, SchemaChange, StreamRequest, TargetChanges } from '../../engine';
import { connect, type PostgresSession } from '../connection';
import { quoteName, quoteText } from '../quote';
import { cellFormats } from './cellFormats';
import { limitTables } from './limits';
import { logName } from './logNames';
import { formatLsn, parseLsn, type Lsn } from './lsn';
import { obstacles } from './obstacles';
import { containsPosition, positionAt, type LsnPosition } from './position';
import { Progress } from './progress';
import { publish, publishedTables, unpublish } from './publication';
import { openReplication } from './replicationSession';
import { dropSlot, endReader, lost, readSlot, soundSlot, type Slot } from './slot';
import { startSlot } from './start';
import { Transactions } from './transactions';
import { unreadable } from './unreadable';
import { WalStream } from './walStream';

/** Which changes of a database are streamed. */
export interface PostgresChangesOptions {
  /** The lane is the stream's name. */
  readonly work: RunWork;
  /** Of all streamed tables. */
  readonly schema: string;
  /**
   * The replication origin under which changes are written that must not come back; null where there are none. Their
   * transactions are told without changes. The server's own filter (`origin 'none'`, PostgreSQL 16) would leave out
   * what other subscriptions write, too, and say nothing of it; the name comes with the log in every version.
   */
  readonly ownOrigin?: string | null;
  /**
   * Has cells told as left out (UNCHANGED_CELL) where somebody has taken away the REPLICA IDENTITY FULL that `publish`
   * gave. Otherwise such a table ends the stream with LOG_UNREADABLE, for a consumer that knows whole rows alone.
   */
  readonly tellsPartialRows?: boolean;
}

/** The change log of a PostgreSQL, out of a replication slot and a publication of the stream's own. */
export interface PostgresChanges extends TargetChanges {
  end(): Promise<LsnPosition>;
  /** How the slot stands; null when there is none. */
  slot(): Promise<Slot | null>;
}

export function postgresChanges(settings: DatabaseSettings, options: PostgresChangesOptions): PostgresChanges {
  return new Changes(settings, options);
}

class Changes implements PostgresChanges {
  /** Of the slot and of the publication. */
  private readonly name: string;
  private confirmed: Lsn = 0n;
  private reading: { readonly wal: WalStream; readonly progress: Progress } | null = null;
  readonly contains = containsPosition;
  readonly cellFormats = cellFormats;

  constructor(
    private readonly settings: DatabaseSettings,
    private readonly options: PostgresChangesOptions,
  ) {
    this.name = logName({ runId: options.work.runId, stream: options.work.lane });
  }

  async obstacles(): Promise<Finding[]> {
    await using session = await connect(this.settings);
    return await obstacles(session);
  }

  async publish(tables: readonly PlannedTable[]): Promise<void> {
    const { work, schema } = this.options;
    await using session = await connect(this.settings);
    await publish(session, work, this.name, schema, tables);
  }

  async limit(limits: readonly TableLimits[]): Promise<void> {
    const { work, schema } = this.options;
    await using session = await connect(this.settings);
    await limitTables(session, work, schema, limits);
  }

  start(patienceMs: number): Promise<Position> {
    return startSlot(this.settings, this.name, patienceMs);
  }

  async stream(request: StreamRequest, sink: ChangeSink): Promise<SchemaChange> {
    request.signal.throwIfAborted();
    await using session = await connect(this.settings);
    await using replication = await openReplication(this.settings);
    const from = checkFrom(session, request.from, replication.server);
    await this.checkPublication(session, request.tables);
    await endReader(session, this.name);
    await this.checkSlot(session, from);
    let change: SchemaChange | null = null;
    const progress = new Progress(replication.server, from);
    const transactions = new Transactions({
      tables: request.tables,
      schema: this.options.schema,
      skippedOrigin: this.options.ownOrigin ?? null,
      tellsPartialRows: this.options.tellsPartialRows ?? false,
      progress,
      sink,
      onSchemaChange: (found) => {
        change = found;
        wal.stop();
      },
    });
    const wal: WalStream = new WalStream(replication.session, transactions);
    this.confirmed = 0n;
    this.reading = { wal, progress };
    try {
      // The slot is ours now: nobody else has confirmed anything between.
      await wal.run(this.command(from), () => this.checkSlot(session, from), request.signal);
    } finally {
      this.reading = null;
    }
    assert(change, 'the log ends by a schema change alone');
    return change;
  }

  confirm(position: Position): void {
    const { reading } = this;
    if (reading === null) return;
    const { progress, wal } = reading;
    assert(position.kind === 'lsn' && position.server === progress.server, 'what is confirmed is of this log');
    const lsn = parseLsn(position.lsn);
    assert(lsn <= progress.lsn, 'nothing is confirmed before it was told');
    if (lsn <= this.confirmed) return;
    this.confirmed = lsn;
    wal.confirm(lsn);
  }

  async end(): Promise<LsnPosition> {
    await using replication = await openReplication(this.settings);
    const { session, server } = replication;
    const [row] = await session.query('select pg_current_wal_insert_lsn()');
    // A transaction, so that it is on the disk when this returns: the log is sent only as far as it is.
    await session.query(`select pg_logical_emit_message(true, 'temporal-migrate', ${quoteText(this.name)})`);
    return positionAt(server, parseLsn(row?.[0] ?? ''));
  }

  async slot(): Promise<Slot | null> {
    await using session = await connect(this.settings);
    return await readSlot(session, this.name);
  }

  async kept(): Promise<KeptLog | null> {
    return heldBy(await this.slot());
  }

  async capKept(mostBytes: number): Promise<KeptLog | null> {
    await using session = await connect(this.settings);
    const held = heldBy(await readSlot(session, this.name));
    if (held === null || held.bytes <= mostBytes) return held;
    await dropSlot(session, this.name);
    return { ...held, isLost: true };
  }

  async drop(): Promise<void> {
    await using session = await connect(this.settings);
    await dropSlot(session, this.name);
    await unpublish(session, this.options.work.runId, this.name);
  }

  private command(from: Lsn): string {
    const options = `proto_version '1', publication_names ${quoteText(quoteName(this.name))}, messages 'true'`;
    return `START_REPLICATION SLOT ${quoteName(this.name)} LOGICAL ${formatLsn(from)} (${options})`;
  }

  /** Errors: POSITION_LOST when the slot cannot tell everything behind `from`. */
  private async checkSlot(session: PostgresSession, from: Lsn): Promise<void> {
    const { confirmed } = await soundSlot(session, this.name);
    if (confirmed > from) {
      const gap = `${formatLsn(confirmed)}, behind ${formatLsn(from)}`;
      throw lost(
        session,
        `somebody has confirmed the replication slot ${this.name} up to ${gap}: what lies between is gone`,
      );
    }
    const [row] = await session.query('select pg_current_wal_flush_lsn()');
    const written = parseLsn(row?.[0] ?? '');
    if (from > written) {
      const end = `${formatLsn(written)}, before ${formatLsn(from)}`;
      throw lost(session, `the server's log ends at ${end}: the server was set back`);
    }
  }

  /** A table that was made anew is another one, which nobody publishes. */
  private async checkPublication(session: PostgresSession, tables: readonly PlannedTable[]): Promise<void> {
    const published = await publishedTables(session, this.name, this.options.schema);
    const missing = tables.find(({ source }) => !published.has(source.name));
    if (missing === undefined) return;
    throw unreadable(
      missing.source.name,
      `is not in the publication ${this.name}: it was dropped, made anew, renamed or taken out, and its changes are not logged for us`,
    );
  }
}

function heldBy(slot: Slot | null): KeptLog | null {
  if (slot === null) return null;
  const { heldBytes, safeBytes, isLost } = slot;
  return { bytes: Number(heldBytes), safeBytes: safeBytes === null ? null : Number(safeBytes), isLost };
}

/** Errors: POSITION_LOST for a position of another server, or of none. */
function checkFrom(session: PostgresSession, from: Position, server: string): Lsn {
  if (from.kind !== 'lsn') throw lost(session, `there is no place in a write-ahead log of the kind "${from.kind}"`);
  if (from.server !== server) {
    throw new MigrationError(
      'POSITION_LOST',
      `connection "${session.name}": this is not the server, timeline and database whose log was followed so far`,
    );
  }
  return parseLsn(from.lsn);
}
