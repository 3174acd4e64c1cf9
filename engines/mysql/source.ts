import type { Catalog, Table, TableFacts } from '../../domain/catalog';
import type { DatabaseSettings } from '../../domain/connection';
import type { Finding } from '../../domain/finding';
import { readAccountsFound, writeAccountsFound, type FreezeMode, type FreezeState } from '../../domain/freeze';
import type { KeyBound } from '../../domain/keys';
import type { PlannedTable } from '../../domain/plan';
import type { Position } from '../../domain/position';
import type {
  CellFormat,
  ChangeStream,
  Probe,
  ReadRequest,
  RowSink,
  ServerIdentity,
  ServerLoad,
  Source,
  TakesBack,
  Verifiable,
} from '../engine';
import { freezeAccounts, unfreezeAccounts } from './accounts/freeze';
import { unfreezeByHand } from './byHand';
import { AccountsWatch } from './accounts/proof';
import { planTakings } from './accounts/takings';
import { mysqlTakesBack } from './apply';
import { mysqlChanges } from './binlog/stream';
import { cellFormats, selectList } from './cells';
import { chunkBounds } from './chunks';
import { openSession } from './connection';
import { mysqlVerification } from './fingerprint';
import {
  admitOwnWrites,
  checkFrozen,
  freeze,
  isFrozen,
  readFreezeSettings,
  unfreeze,
  type FreezeSettings,
} from './freeze';
import { introspect } from './introspect';
import { fromSample } from './sample';
import { beginPlaced } from './placedRead';
import { readPosition } from './position';
import { preflight } from './preflight';
import { mysqlLoad } from './load';
import { mysqlProbe } from './probe';
import { profile } from './profile';
import { readRows } from './reader';
import { identity } from './serverIdentity';
import type { Session } from './session';
import { Snapshot } from './snapshot';

/** How long the writers of a table may keep it from being read between two of their transactions. */
const LOCK_PATIENCE_MS = 60_000;

/** Opens a MySQL or MariaDB as a source; a login that fails shows here. */
export async function openMysqlSource(settings: DatabaseSettings): Promise<Source> {
  return new MysqlSource(settings, await openSession(settings));
}

/** Composes what the other files of this folder do, each over the session it needs. */
class MysqlSource implements Source {
  /** Reads rows; text comes raw. Opened when first needed, and anew after a read that failed. */
  private reader: Session | null = null;
  /** Others to be closed in the end. */
  private readonly otherReaders: Session[] = [];
  /** Once asked for, what every row is read through. */
  private moment: Snapshot | null = null;
  readonly probe: Probe;
  readonly load: ServerLoad;
  readonly changes: ChangeStream;
  readonly takesBack: TakesBack;
  private readonly watch = new AccountsWatch();
  readonly countRows: Verifiable['countRows'];
  readonly digestBuckets: Verifiable['digestBuckets'];
  readonly digestRows: Verifiable['digestRows'];
  readonly readRows: Verifiable['readRows'];

  constructor(
    private readonly settings: DatabaseSettings,
    private readonly session: Session,
  ) {
    this.probe = mysqlProbe(session);
    this.load = mysqlLoad(session);
    this.changes = mysqlChanges(settings);
    this.takesBack = mysqlTakesBack(settings);
    const query = (sql: string, signal?: AbortSignal) =>
      this.moment === null ? session.query(sql, signal) : this.moment.query(sql, signal);
    const verification = mysqlVerification(query, session.server.flavour, settings.database);
    this.countRows = verification.countRows.bind(verification);
    this.digestBuckets = verification.digestBuckets.bind(verification);
    this.digestRows = verification.digestRows.bind(verification);
    this.readRows = verification.readRows.bind(verification);
  }

  identity(): Promise<ServerIdentity> {
    return identity(this.session);
  }

  preflight(freeze: FreezeMode | 'none' = 'readOnly', live = false): Promise<Finding[]> {
    return preflight(this.session, this.settings, freeze, live);
  }

  introspect(): Promise<Catalog> {
    return introspect(this.session, this.settings);
  }

  profile(table: Table, signal: AbortSignal): Promise<TableFacts> {
    return profile(this.session, table, signal);
  }

  chunkBounds(table: PlannedTable, rowsPerChunk: number, signal: AbortSignal): Promise<KeyBound[]> {
    return chunkBounds(this.session, table, rowsPerChunk, signal);
  }

  cellFormats(table: PlannedTable): CellFormat[] {
    return cellFormats(table);
  }

  async copyRows({ table, range, signal }: ReadRequest, sink: RowSink): Promise<number> {
    const from = fromSample(table, range, this.session.server.flavour);
    const sql = `SELECT ${selectList(table)} ${from}`;
    if (this.moment !== null) return this.moment.readRows(sql, table.columns.length, sink, signal);
    const reader = (this.reader ??= await openSession(this.settings, { rawText: true }));
    try {
      return await readRows(reader, sql, table.columns.length, sink, signal);
    } catch (error) {
      // Whoever asked for the rows hears of it at once; ending the statement on the server may take longer.
      this.reader = null;
      this.otherReaders.push(reader);
      throw error;
    }
  }

  async copyAtPosition(
    { table, range, signal }: ReadRequest,
    sink: RowSink,
  ): Promise<{ rows: number; position: Position }> {
    const sql = `SELECT ${selectList(table)} ${fromSample(table, range, this.session.server.flavour)}`;
    const reader = await openSession(this.settings, { rawText: true });
    try {
      const openLocker = () => openSession(this.settings);
      const position = await beginPlaced(reader, openLocker, table.source.name, LOCK_PATIENCE_MS, signal);
      const rows = await readRows(reader, sql, table.columns.length, sink, signal);
      await reader[Symbol.asyncDispose]();
      return { rows, position };
    } catch (error) {
      this.otherReaders.push(reader);
      throw error;
    }
  }

  async holdMoment(): Promise<void> {
    const session = await openSession(this.settings, { rawText: true });
    this.otherReaders.push(session);
    this.moment = await Snapshot.begin(session);
  }

  position(): Promise<Position> {
    return readPosition(this.session);
  }

  async freezeSettings(mode: FreezeMode = 'readOnly'): Promise<FreezeSettings> {
    const settings = await readFreezeSettings(this.session);
    // A server that is read-only by itself is frozen already, and lets nobody change accounts.
    if (mode === 'readOnly' || isFrozen(settings)) return settings;
    return writeAccountsFound(await planTakings(this.session));
  }

  freeze(patienceMs: number, found: FreezeSettings): Promise<FreezeState> {
    const accounts = readAccountsFound(found);
    if (accounts !== null) return freezeAccounts(this.session, () => this.openFreezer(), patienceMs, accounts);
    return freeze(this.session, () => this.openFreezer(), patienceMs, found);
  }

  readonly unfreezeByHand = unfreezeByHand;

  unfreeze(found: FreezeSettings): Promise<void> {
    const accounts = readAccountsFound(found);
    if (accounts !== null) return unfreezeAccounts(this.session, () => this.openFreezer(), accounts);
    return unfreeze(this.session, found);
  }

  admitOwnWrites(found: FreezeSettings): Promise<void> {
    if (readAccountsFound(found) !== null) return Promise.resolve();
    return admitOwnWrites(this.session, () => this.openFreezer());
  }

  checkFrozen(state: FreezeState): Promise<void> {
    if (state.accounts !== undefined) return this.watch.check(this.session, state, state.accounts);
    return checkFrozen(this.session, state);
  }

  private openFreezer(): Promise<Session> {
    return openSession(this.settings, { writes: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const readers = this.reader === null ? this.otherReaders : [...this.otherReaders, this.reader];
    await Promise.all([...readers, this.session].map((session) => session[Symbol.asyncDispose]()));
  }
}
