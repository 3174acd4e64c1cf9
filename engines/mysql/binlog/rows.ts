import type { RowChange } from '../../engine';
import { RowMemory } from './cells/rowMemory';
import { EVENT } from './header';
import { unreadable, type Layout } from './layout';
import { readLength } from './lengths';

/** Flags of a rows event. (MySQL: Rows_event) */
const NO_FOREIGN_KEY_CHECKS = 0x02;
const USES_SQL_FOREIGN_KEYS = 0x10;
/** Table id and flags. */
const POST_HEADER_BYTES = 8;
/** What the bounded texts of one cell take at most: a decimal of 65 digits, with some to spare. */
const TEXT_BYTES = 96;

/** What a rows event does, without the details of its version. */
export type RowsKind = RowChange['kind'];

const KINDS: Readonly<Record<number, { kind: RowsKind; hasExtra: boolean }>> = {
  [EVENT.writeRowsV1]: { kind: 'insert', hasExtra: false },
  [EVENT.updateRowsV1]: { kind: 'update', hasExtra: false },
  [EVENT.deleteRowsV1]: { kind: 'delete', hasExtra: false },
  [EVENT.writeRows]: { kind: 'insert', hasExtra: true },
  [EVENT.updateRows]: { kind: 'update', hasExtra: true },
  [EVENT.deleteRows]: { kind: 'delete', hasExtra: true },
};

/** Which columns an image holds, and how many. */
interface Image {
  readonly bits: Uint8Array;
  readonly columns: number;
  readonly isWhole: boolean;
}

/** Takes the rows of one event apart, one change after the other, in memory that all events share. */
export class RowsReader {
  private readonly memory = new RowMemory();
  private layout: Layout | null = null;
  private beforeCells = new Int32Array(0);
  private afterCells = new Int32Array(0);
  private readonly nulls = new Uint8Array(512);
  private first: Image | null = null;
  private second: Image | null = null;
  readonly change: RowChange = {
    kind: 'insert',
    table: 0,
    bytes: Buffer.alloc(0),
    before: null,
    after: null,
    cascadesLogged: false,
  };

  /** Begins with an event's body. Errors: LOG_UNREADABLE when an image lacks a planned column. */
  load(type: number, bytes: Buffer, start: number, end: number, layout: Layout): void {
    const known = KINDS[type];
    if (known === undefined) throw unreadable(layout.name, `has rows of an unknown kind (${type}) in the log`);
    const flags = bytes.readUInt16LE(start + 6);
    let at = start + POST_HEADER_BYTES;
    if (known.hasExtra) at += bytes.readUInt16LE(at);
    const count = readLength(bytes, at);
    at = count.behind;
    if (count.length !== layout.columns.length)
      throw unreadable(layout.name, `has ${count.length} columns in the log's rows`);
    const width = (count.length + 7) >> 3;
    this.first = image(bytes, at, layout);
    this.second = known.kind === 'update' ? image(bytes, at + width, layout) : null;
    at += known.kind === 'update' ? width * 2 : width;
    this.layout = layout;
    if (this.beforeCells.length !== layout.plannedColumns * 2) {
      this.beforeCells = new Int32Array(layout.plannedColumns * 2);
      this.afterCells = new Int32Array(layout.plannedColumns * 2);
    }
    this.memory.load(bytes, at, end, layout.columns.length * TEXT_BYTES * 2);
    const { change } = this;
    change.kind = known.kind;
    change.table = layout.table;
    change.before = known.kind === 'insert' ? null : this.beforeCells;
    change.after = known.kind === 'delete' ? null : this.afterCells;
    change.cascadesLogged = (flags & (NO_FOREIGN_KEY_CHECKS | USES_SQL_FOREIGN_KEYS)) !== 0;
  }

  /** Reads the next change into `change`; false when there is none. */
  next(): boolean {
    const { memory, layout, first } = this;
    if (layout === null || first === null || memory.at >= memory.loaded) return false;
    memory.beginRow();
    this.readImage(layout, first, this.change.before ?? this.afterCells);
    if (this.second !== null) this.readImage(layout, this.second, this.afterCells);
    if (memory.at > memory.loaded) throw unreadable(layout.name, 'has a row in the log that goes beyond its event');
    this.change.bytes = memory.bytes;
    return true;
  }

  private readImage(layout: Layout, { bits, columns: held, isWhole }: Image, cells: Int32Array): void {
    const { memory, nulls } = this;
    const { columns } = layout;
    const nullBytes = (held + 7) >> 3;
    for (let byte = 0; byte < nullBytes; byte++) nulls[byte] = memory.byte();
    let present = 0;
    for (let index = 0; index < columns.length; index++) {
      if (!isWhole && !isSet(bits, index)) continue;
      const column = columns[index] as Layout['columns'][number];
      const cell = column.planned * 2;
      if (isSet(nulls, present++)) {
        if (cell >= 0) {
          cells[cell] = -1;
          cells[cell + 1] = -1;
        }
        continue;
      }
      column.read(memory);
      if (cell >= 0) {
        cells[cell] = memory.start;
        cells[cell + 1] = memory.end;
      }
    }
  }
}

function image(bytes: Buffer, at: number, layout: Layout): Image {
  const bits = Uint8Array.from(bytes.subarray(at, at + ((layout.columns.length + 7) >> 3)));
  const missing = layout.columns.filter((_, index) => !isSet(bits, index));
  const lacking = missing.find(({ planned }) => planned >= 0);
  if (lacking !== undefined) {
    throw unreadable(
      `${layout.name}.${lacking.name}`,
      'is left out of a row in the log: binlog_row_image must be FULL',
    );
  }
  return { bits, columns: layout.columns.length - missing.length, isWhole: missing.length === 0 };
}

function isSet(bits: Uint8Array, index: number): boolean {
  return (((bits[index >> 3] as number) >> (index & 7)) & 1) === 1;
}
