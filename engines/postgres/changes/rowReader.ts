import { NULL_CELL, UNCHANGED_CELL, type RowChange } from '../../engine';
import type { LaidOutColumn, Layout } from './layout';
import { cutShort } from './messageReader';
import { RowText } from './rowText';
import { unreadable } from './unreadable';

/** What stands before a row's image: the whole old row, the old row's key, or the new row. */
const OLD_ROW = 0x4f;
const OLD_KEY = 0x4b;
const NEW_ROW = 0x4e;
/** What stands before a cell: nothing follows the first two, a length and the text follow the third. */
const NULL = 0x6e;
const UNCHANGED = 0x75;
const TEXT = 0x74;

/** Reads the one row of a message into a change that all messages share. */
export class RowReader {
  private readonly row = new RowText();
  private beforeCells = new Int32Array(0);
  private afterCells = new Int32Array(0);
  private at = 0;
  readonly change: RowChange = {
    kind: 'insert',
    table: 0,
    bytes: Buffer.alloc(0),
    before: null,
    after: null,
    // What foreign keys do is done by statements of the server, whose rows are logged like any other.
    cascadesLogged: true,
  };

  /** Reads what follows the table's number. The message is changed. Errors: LOG_UNREADABLE. */
  read(kind: RowChange['kind'], bytes: Buffer, start: number, end: number, layout: Layout): RowChange {
    const { row, change } = this;
    if (this.beforeCells.length !== layout.plannedColumns * 2) {
      this.beforeCells = new Int32Array(layout.plannedColumns * 2);
      this.afterCells = new Int32Array(layout.plannedColumns * 2);
    }
    row.load(bytes, start, end, layout.roomyCells);
    this.at = row.at;
    let image = this.byte();
    const told = image === OLD_ROW || image === OLD_KEY ? image : null;
    if (told !== null) {
      this.readImage(layout, this.beforeCells, told === OLD_KEY, null);
      image = kind === 'delete' ? NEW_ROW : this.byte();
    }
    const hasWrongOld = told === null ? kind === 'delete' : kind === 'insert';
    if (image !== NEW_ROW || hasWrongOld) throw strangeImage(layout);
    if (kind !== 'delete') {
      this.readImage(layout, this.afterCells, false, told === OLD_ROW ? this.beforeCells : null);
      // The key is as it was, or the log would hold the old one.
      if (kind === 'update' && told === null) this.keyAsBefore(layout);
    }
    if (this.at !== row.end) throw strangeImage(layout);
    change.kind = kind;
    change.table = layout.table;
    change.bytes = row.bytes;
    change.before = kind === 'insert' ? null : this.beforeCells;
    change.after = kind === 'delete' ? null : this.afterCells;
    return change;
  }

  /** `old` has the cells that are left out of the new row because they are large and as they were. */
  private readImage({ columns, name }: Layout, cells: Int32Array, keyAlone: boolean, old: Int32Array | null): void {
    const { row } = this;
    const count = this.uint16();
    if (count !== columns.length) throw unreadable(name, `has ${count} columns in a row of the log`);
    for (let index = 0; index < count; index++) {
      const column = columns[index] as LaidOutColumn;
      const cell = column.planned * 2;
      switch (this.byte()) {
        case TEXT:
          this.readText();
          if (cell < 0) break;
          column.conversion?.convert(row);
          cells[cell] = row.cellStart;
          cells[cell + 1] = row.cellEnd;
          break;
        case NULL:
          // Beside a key, the cells of other columns are told as NULL, whatever they hold.
          if (cell >= 0) setBoth(cells, cell, keyAlone && !column.identifies ? UNCHANGED_CELL : NULL_CELL);
          break;
        case UNCHANGED:
          if (cell < 0) break;
          cells[cell] = old === null ? UNCHANGED_CELL : (old[cell] as number);
          cells[cell + 1] = old === null ? UNCHANGED_CELL : (old[cell + 1] as number);
          break;
        default:
          throw strangeImage({ name });
      }
    }
  }

  private readText(): void {
    const { row } = this;
    const length = row.bytes.readUInt32BE(this.pass(4));
    row.cellStart = this.pass(length);
    row.cellEnd = this.at;
  }

  private keyAsBefore({ columns }: Layout): void {
    this.beforeCells.fill(UNCHANGED_CELL);
    for (const { planned, identifies } of columns) {
      if (planned < 0 || !identifies) continue;
      const cell = planned * 2;
      this.beforeCells[cell] = this.afterCells[cell] as number;
      this.beforeCells[cell + 1] = this.afterCells[cell + 1] as number;
    }
  }

  private byte(): number {
    return this.row.bytes[this.pass(1)] as number;
  }

  private uint16(): number {
    return this.row.bytes.readUInt16BE(this.pass(2));
  }

  private pass(size: number): number {
    const { at } = this;
    this.at += size;
    if (this.at > this.row.end) throw cutShort();
    return at;
  }
}

function setBoth(cells: Int32Array, cell: number, value: number): void {
  cells[cell] = value;
  cells[cell + 1] = value;
}

function strangeImage({ name }: Pick<Layout, 'name'>): Error {
  return unreadable(name, 'has a row in the log that is not of a known form');
}
