import type { PlannedTable } from '../../../domain/plan';
import type { ChangeSink, RowChange, SchemaChange } from '../../engine';
import { quoteName } from '../quote';
import { layOut, type Layout } from './layout';
import type { Lsn } from './lsn';
import { MessageReader } from './messageReader';
import {
  MESSAGE,
  readBegin,
  readCommit,
  readMessage,
  readOrigin,
  readRelation,
  readTruncate,
  readType,
  type RelationMessage,
  type TruncateMessage,
  type TypeMessage,
} from './messages';
import type { Progress } from './progress';
import { RowReader } from './rowReader';
import { unreadable } from './unreadable';
import type { Wait } from './wait';

/** What of the log is told, and to whom. */
export interface ToldTo {
  /** All tables of the publication. */
  readonly tables: readonly PlannedTable[];
  /** Their schema. */
  readonly schema: string;
  /** Whose transactions are told without their changes: the name of a replication origin. */
  readonly skippedOrigin: string | null;
  /** Whether cells may be told as left out; else a table that does not log whole rows is refused. */
  readonly tellsPartialRows: boolean;
  readonly progress: Progress;
  readonly sink: ChangeSink;
  readonly onSchemaChange: (change: SchemaChange) => void;
}

/** A transaction whose end has not come yet. */
interface OpenTransaction {
  /** The sink knows of it. */
  begun: boolean;
  isSkipped: boolean;
  truncated: { readonly statement: string; readonly tables: readonly string[] } | null;
}

/** Puts the messages of the output plugin together to transactions, and tells the sink of them. */
export class Transactions {
  private open: OpenTransaction | null = null;
  private readonly reader = new MessageReader();
  private readonly rows = new RowReader();
  private readonly layouts = new Map<number, Layout>();
  private readonly types = new Map<number, TypeMessage>();

  constructor(private readonly told: ToldTo) {}

  /** Takes a message, which may be changed. Errors: LOG_UNREADABLE. */
  message(bytes: Buffer, start: number, end: number): Wait {
    const reader = this.reader.load(bytes, start, end);
    const type = reader.byte();
    switch (type) {
      case MESSAGE.insert:
        return this.row('insert', bytes, end);
      case MESSAGE.update:
        return this.row('update', bytes, end);
      case MESSAGE.delete:
        return this.row('delete', bytes, end);
      case MESSAGE.begin:
        readBegin(reader);
        if (this.open !== null) throw unreadable('the change log', 'begins a transaction amid another one');
        this.open = { begun: false, isSkipped: false, truncated: null };
        return null;
      case MESSAGE.commit:
        return this.commit();
      case MESSAGE.origin:
        this.current().isSkipped = readOrigin(reader) === this.told.skippedOrigin;
        return null;
      case MESSAGE.relation:
        this.relation(readRelation(reader));
        return null;
      case MESSAGE.type: {
        const read = readType(reader);
        this.types.set(read.id, read);
        return null;
      }
      case MESSAGE.truncate:
        this.truncate(readTruncate(reader));
        return null;
      case MESSAGE.message:
        // It marks a place: the transaction that it is part of has an end as any other.
        readMessage(reader);
        return null;
      default:
        throw unreadable('the change log', `holds a message of an unknown type (${type})`);
    }
  }

  /** The server has told everything up to here. */
  reached(lsn: Lsn): Wait {
    if (this.open !== null) return null;
    const { progress, sink } = this.told;
    progress.reach(lsn);
    sink.idle(() => progress.position());
    return sink.pressure();
  }

  private current(): OpenTransaction {
    if (this.open === null) throw unreadable('the change log', 'holds changes outside of a transaction');
    return this.open;
  }

  private relation(relation: RelationMessage): void {
    const { schema, tables, tellsPartialRows } = this.told;
    const place = relation.schema === schema ? tables.findIndex(({ source }) => source.name === relation.name) : -1;
    const planned = tables[place];
    if (planned === undefined) {
      // The publication has no table but those of the plan: one of them has another name, or somebody has added to it.
      throw unreadable(
        `${relation.schema}.${relation.name}`,
        'is in the change log, and not in the plan: a table was renamed or moved, or the publication was altered',
      );
    }
    if (!relation.isWhole && !tellsPartialRows) {
      throw unreadable(relation.name, 'does not log whole rows any more: its REPLICA IDENTITY must be FULL');
    }
    this.layouts.set(relation.id, layOut(relation, planned, place, this.types));
  }

  private layoutOf(id: number): Layout {
    const layout = this.layouts.get(id);
    if (layout === undefined) throw unreadable('the change log', 'holds rows of a table that it has not named');
    return layout;
  }

  private row(kind: RowChange['kind'], bytes: Buffer, end: number): Wait {
    const open = this.current();
    const layout = this.layoutOf(this.reader.uint32());
    if (open.isSkipped) return null;
    if (open.truncated !== null) throw mixed(open.truncated.statement);
    this.tellBegin(open);
    const { sink } = this.told;
    sink.change(this.rows.read(kind, bytes, this.reader.at, end, layout));
    return sink.pressure();
  }

  private truncate({ relations, cascades, restartsIdentity }: TruncateMessage): void {
    const open = this.current();
    if (open.isSkipped) return;
    const tables = relations.map((id) => this.layoutOf(id).name);
    const words = [restartsIdentity ? ' RESTART IDENTITY' : '', cascades ? ' CASCADE' : ''].join('');
    const statement = `TRUNCATE ${tables.map(quoteName).join(', ')}${words}`;
    if (open.begun) throw mixed(statement);
    const before = open.truncated;
    open.truncated =
      before === null
        ? { statement, tables }
        : { statement: `${before.statement}; ${statement}`, tables: [...new Set([...before.tables, ...tables])] };
  }

  private tellBegin(open: OpenTransaction): void {
    if (open.begun) return;
    open.begun = true;
    this.told.sink.begin(() => this.told.progress.position());
  }

  private commit(): Wait {
    const open = this.current();
    const { end, committedAtMs } = readCommit(this.reader);
    const { progress, sink, onSchemaChange } = this.told;
    const before = progress.position();
    if (open.truncated === null) this.tellBegin(open);
    progress.reach(end);
    this.open = null;
    if (open.truncated !== null) {
      onSchemaChange({ position: before, behind: progress.position(), ...open.truncated });
      return null;
    }
    sink.end({ position: () => progress.position(), committedAtMs });
    return sink.pressure();
  }
}

/** Where the stream ends, no transaction may be half told, and nothing of it may be left out. */
function mixed(statement: string): Error {
  return unreadable(
    'the change log',
    `has a transaction that changes rows of streamed tables, too, and does: ${statement}`,
  );
}
