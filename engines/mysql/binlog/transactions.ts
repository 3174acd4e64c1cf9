import type { LogPlace } from '../../../domain/position';
import type { ChangeSink, SchemaChange } from '../../engine';
import { inflateEvent } from './compressed';
import { readMariadbGtid, readMysqlGtid, readXaPrepare, type TransactionStart } from './gtidEvents';
import { EVENT, type EventHeader } from './header';
import { HeldChanges, HeldMemory, type KeptEvent } from './held';
import { unreadable, type Layout } from './layout';
import { PayloadEvents } from './payload';
import type { Progress } from './progress';
import { isBegin, LOAD_QUERY_MORE_BYTES, readQuery, type LoggedQuery } from './query';
import { repeat, type Wait } from './repeat';
import { readStatement, type Statement } from './statement';
import type { StreamedTables } from './tables';
import { readTaggedGtid } from './taggedGtid';
import { tableId } from './tableMap';
import { Teller } from './teller';

/** A transaction whose end has not come yet. */
interface OpenTransaction {
  readonly startsAt: LogPlace;
  readonly start: TransactionStart | null;
  /** A BEGIN, or what stands for it, has come: its end will come too. */
  inBlock: boolean;
  /** The sink knows of it. */
  begun: boolean;
  /** Rows of a table that has transactions were told. */
  told: boolean;
  held: HeldChanges | null;
  schema: { readonly statement: string; readonly tables: readonly string[] } | null;
}

export interface TransactionsOptions extends ToldTo {
  /** How far the log has been read. */
  readonly place: () => LogPlace;
}

/** What of the log is told, and to whom. */
export interface ToldTo {
  readonly tables: StreamedTables;
  readonly tableNames: readonly string[];
  readonly progress: Progress;
  readonly sink: ChangeSink;
  readonly onSchemaChange: (change: SchemaChange) => void;
  /** Reads the changes of a transaction from the log again and tells those that count. */
  readonly readAgain: (held: HeldChanges) => Promise<void>;
  /** Set when this is such a reading: nothing is held back, and only what counts is told. */
  readonly again?: HeldChanges;
}

/** Puts the log's events together to transactions, and tells the sink of those that were committed. */
export class Transactions {
  private open: OpenTransaction | null = null;
  private readonly prepared = new Map<string, HeldChanges>();
  private readonly memory = new HeldMemory();
  private readonly teller: Teller;
  /** Rows events of streamed tables of a transaction that is read again. */
  private ordinal = 0;

  constructor(private readonly options: TransactionsOptions) {
    this.teller = new Teller(options.sink);
  }

  /** Takes an event that lies between `start` and `end`, its header and checksum left out. */
  event(header: EventHeader, bytes: Buffer, start: number, end: number, startsAt: LogPlace): Wait {
    switch (header.type) {
      case EVENT.tableMap:
        this.options.tables.map(bytes, start, end);
        return null;
      case EVENT.writeRows:
      case EVENT.updateRows:
      case EVENT.deleteRows:
      case EVENT.writeRowsV1:
      case EVENT.updateRowsV1:
      case EVENT.deleteRowsV1:
        return this.rows(header, bytes, start, end, startsAt);
      case EVENT.xid:
        return this.finish(header, startsAt);
      case EVENT.query:
        return this.query(header, bytes, start, end, startsAt);
      case EVENT.gtid:
      case EVENT.anonymousGtid:
        return this.begin(readMysqlGtid(bytes, start, end, header.type === EVENT.anonymousGtid), startsAt);
      case EVENT.taggedGtid:
        return this.begin(readTaggedGtid(bytes, start, end), startsAt);
      case EVENT.mariadbGtid:
        return this.begin(readMariadbGtid(bytes, start, header.server), startsAt);
      case EVENT.transactionPayload:
        return this.payload(new PayloadEvents(bytes, start, end), startsAt);
      default:
        return this.rareEvent(header, bytes, start, end, startsAt);
    }
  }

  /** The log has nothing more at present. */
  idle(): Wait {
    if (this.open !== null) return null;
    this.options.sink.idle(() => this.options.progress.position(this.options.place()));
    return this.options.sink.pressure();
  }

  private rareEvent(header: EventHeader, bytes: Buffer, start: number, end: number, startsAt: LogPlace): Wait {
    const plain = inflateEvent(header, bytes, start, end);
    if (plain !== null) return this.event(plain.header, plain.bytes, 0, plain.bytes.length, startsAt);
    switch (header.type) {
      case EVENT.xaPrepare:
        return this.prepare(header, readXaPrepare(bytes, start), startsAt);
      case EVENT.partialUpdateRows: {
        const layout = this.layoutOf(tableId(bytes, start));
        if (layout === null) return null;
        throw unreadable(layout.name, 'has parts of JSON values in the log: binlog_row_value_options must be empty');
      }
      case EVENT.executeLoadQuery:
        return this.statement(header, readQuery(bytes, start, end, LOAD_QUERY_MORE_BYTES), startsAt);
      case EVENT.incident:
        throw unreadable('the log', 'says that events are missing (INCIDENT event)');
      default:
        if (header.ignorable || WITHOUT_CHANGES.has(header.type)) return null;
        throw unreadable('the log', `holds an event of an unknown type (${header.type})`);
    }
  }

  private begin(start: TransactionStart | null, startsAt: LogPlace): null {
    if (this.open?.begun === true) throw unreadable('the log', 'ends amid a transaction, and goes on behind it');
    // A MariaDB that was killed may leave a transaction without an end, which then never was.
    this.open?.held?.forget();
    const held = start?.mayBeUndone === true ? this.hold(startsAt) : null;
    const inBlock = start?.begins ?? false;
    this.open = { startsAt, start, inBlock, begun: false, told: false, held, schema: null };
    return null;
  }

  private current(startsAt: LogPlace): OpenTransaction {
    if (this.open === null) this.begin(null, startsAt);
    return this.open as OpenTransaction;
  }

  private hold(startsAt: LogPlace): HeldChanges | null {
    return this.options.again === undefined ? new HeldChanges(startsAt, this.memory) : null;
  }

  private payload(events: PayloadEvents, startsAt: LogPlace): Wait {
    return repeat(() => {
      const event = events.next();
      if (event === null) return false;
      return this.event(event.header, event.bytes, event.start, event.end, startsAt) ?? true;
    });
  }

  private layoutOf(id: number): Layout | null {
    const layout = this.options.tables.layoutOf(id);
    if (layout === undefined) throw unreadable('the log', 'holds rows of a table that it has not named');
    return layout;
  }

  private rows({ type }: EventHeader, bytes: Buffer, start: number, end: number, startsAt: LogPlace): Wait {
    const id = tableId(bytes, start);
    if (id === NO_TABLE) return null;
    const layout = this.layoutOf(id);
    if (layout === null) return null;
    const open = this.current(startsAt);
    if (open.schema !== null) return null;
    if (open.held !== null) {
      open.held.add(type, bytes, start, end, layout);
      return null;
    }
    const { again } = this.options;
    if (again !== undefined && !again.counts(this.ordinal++, layout)) return null;
    this.tellBegin(open);
    if (layout.transactional) open.told = true;
    return this.teller.tell(type, bytes, start, end, layout);
  }

  private query(header: EventHeader, bytes: Buffer, start: number, end: number, startsAt: LogPlace): Wait {
    if (!isBegin(bytes, start, end)) return this.statement(header, readQuery(bytes, start, end), startsAt);
    this.current(startsAt).inBlock = true;
    return null;
  }

  private statement(header: EventHeader, { database, text }: LoggedQuery, startsAt: LogPlace): Wait {
    const open = this.current(startsAt);
    const streamed = { database: this.options.tables.database, tables: this.options.tableNames };
    const statement = readStatement(text, database, streamed);
    switch (statement.kind) {
      case 'begin':
        open.inBlock = true;
        return null;
      case 'commit':
        return this.finish(header, startsAt);
      case 'rollback':
        return this.rollBack(open, header, startsAt);
      case 'savepoint':
        open.held?.setSavepoint(statement.name);
        return null;
      case 'rollbackTo':
        return this.rollBackTo(open, statement.name);
      case 'schema':
        open.schema = { statement: text, tables: statement.tables };
        return open.inBlock ? null : this.finish(header, startsAt);
      case 'rows':
        throw unreadable(
          'the log',
          `holds a statement instead of rows (${statement.verb}), which may change tables of "${streamed.database}": binlog_format must be ROW for every session`,
        );
      case 'nothing':
        return open.inBlock ? null : this.finish(header, startsAt);
      default:
        return this.xaStatement(open, statement, header, startsAt);
    }
  }

  private xaStatement(
    open: OpenTransaction,
    statement: Extract<Statement, { xid: string }>,
    header: EventHeader,
    startsAt: LogPlace,
  ): Wait {
    switch (statement.kind) {
      case 'xaStart':
        open.inBlock = true;
        open.held ??= this.hold(open.startsAt);
        return null;
      case 'xaEnd':
        return null;
      case 'xaCommit':
        open.held = this.takePrepared(statement.xid);
        return this.finish(header, startsAt);
      case 'xaRollback':
        this.options.progress.prepared.delete(statement.xid);
        this.prepared.get(statement.xid)?.forget();
        this.prepared.delete(statement.xid);
        return this.finish(header, startsAt);
    }
  }

  private takePrepared(xid: string): HeldChanges | null {
    const { prepared } = this.options.progress;
    const place = prepared.get(xid);
    if (place === undefined) {
      throw unreadable('the log', 'commits an XA transaction that was prepared before the place from which it is read');
    }
    const held = this.prepared.get(xid) ?? (place === null ? null : HeldChanges.at(place));
    this.prepared.delete(xid);
    prepared.delete(xid);
    return held;
  }

  private prepare(
    header: EventHeader,
    { onePhase, xid }: { onePhase: boolean; xid: string },
    startsAt: LogPlace,
  ): Wait {
    const open = this.current(startsAt);
    const { held } = open;
    if (onePhase || this.options.again !== undefined) return this.finish(header, startsAt);
    this.options.progress.prepared.set(xid, held === null || held.isEmpty ? null : held.place);
    if (held !== null && !held.isEmpty) this.prepared.set(xid, held);
    open.held = null;
    return this.finish(header, startsAt);
  }

  /** What was written to tables without transactions stays. */
  private rollBack(open: OpenTransaction, header: EventHeader, startsAt: LogPlace): Wait {
    if (open.told && this.options.again === undefined) throw undoneAfterAll();
    open.held?.undoAll();
    return this.finish(header, startsAt);
  }

  private rollBackTo({ held, told }: OpenTransaction, savepoint: string): Wait {
    if (told && this.options.again === undefined) throw undoneAfterAll();
    held?.undoTo(savepoint);
    return null;
  }

  private finish(header: EventHeader, startsAt: LogPlace): Wait {
    const open = this.current(startsAt);
    const { held } = open;
    if (held === null || held.isEmpty || open.schema !== null) return this.end(open, header);
    this.tellBegin(open);
    const wait = held.events === null ? this.options.readAgain(held) : this.tellKept(held, held.events);
    const end = (): Wait => {
      held.forget();
      return this.end(open, header);
    };
    return wait === null ? end() : wait.then(() => end() ?? undefined);
  }

  private tellKept(held: HeldChanges, events: readonly KeptEvent[]): Wait {
    let ordinal = 0;
    return repeat(() => {
      const event = events[ordinal];
      if (event === undefined) return false;
      const { type, bytes, layout } = event;
      return (held.counts(ordinal++, layout) ? this.teller.tell(type, bytes, 0, bytes.length, layout) : null) ?? true;
    });
  }

  private tellBegin(open: OpenTransaction): void {
    if (open.begun) return;
    open.begun = true;
    this.options.sink.begin(() => this.options.progress.position(open.startsAt));
  }

  private end(open: OpenTransaction, { timestamp }: EventHeader): Wait {
    const { progress, sink, place } = this.options;
    const position = open.schema === null ? null : progress.position(open.startsAt);
    if (position === null) this.tellBegin(open);
    progress.add(open.start?.gtid ?? null);
    this.open = null;
    if (open.schema !== null && position !== null) {
      this.options.onSchemaChange({ position, behind: progress.position(place()), ...open.schema });
      return null;
    }
    sink.end({
      position: () => progress.position(place()),
      committedAtMs: open.start?.committedAtMs ?? timestamp * 1000,
    });
    return sink.pressure();
  }
}

/** Ends a statement's rows without any. */
const NO_TABLE = 0xff_ffff;

/** They say nothing about rows: of files, of statements whose rows follow, of replicas, of statements' variables. */
const WITHOUT_CHANGES: ReadonlySet<number> = new Set([
  ...[EVENT.stop, EVENT.intvar, EVENT.rand, EVENT.userVar, EVENT.beginLoadQuery, EVENT.ignorable, EVENT.rowsQuery],
  ...[EVENT.previousGtids, EVENT.transactionContext, EVENT.viewChange, EVENT.annotateRows, EVENT.binlogCheckpoint],
  ...[EVENT.gtidList, EVENT.startEncryption],
]);

function undoneAfterAll(): Error {
  return unreadable('the log', 'rolls back changes that MySQL does not log when it logs rows');
}
