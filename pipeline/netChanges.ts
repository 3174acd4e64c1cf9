import { assert } from '../domain/errors';
import type { PlannedTable } from '../domain/plan';
import { keyPlaces } from '../domain/rowKey';
import type { AppliedTable, KeptRow, RowChange } from '../engines/engine';
import { keepColumns, keepRow, keyText } from './keepRow';
import { NetRows } from './netRows';

/** What becomes of the rows with one key. */
interface NetRow {
  readonly key: KeptRow;
  /** Whether the source had no such row before. */
  readonly isNew: boolean;
  /** The row there is in the end; null for none. */
  row: KeptRow | null;
}

/** What many changes of one table come to. */
export interface NetResult {
  /** The keys of rows that the source had before; the rows themselves where the table has no key. */
  readonly gone: KeptRow[];
  /** The keys of rows that it did not have; the target may, where rows were copied later than these changes. */
  readonly fresh: KeptRow[];
  /** The rows there are in the end. */
  readonly rows: KeptRow[];
}

/** The net effect of many changes of one table that has a key: of each key only what there is in the end. */
export class NetChanges {
  private readonly key: readonly number[];
  private readonly net = new Map<string, NetRow>();
  private kept = 0;

  constructor(table: PlannedTable) {
    this.key = keyPlaces(table);
    assert(this.key.length > 0, 'changes are netted by key');
  }

  /** Answers how many bytes are kept of it. */
  add({ kind, bytes, before, after }: RowChange): number {
    const keptBefore = this.kept;
    if (kind === 'insert') this.put(bytes, cellsOf(after), true);
    else if (kind === 'delete') this.remove(bytes, cellsOf(before));
    else this.replace(bytes, cellsOf(before), cellsOf(after));
    return this.kept - keptBefore;
  }

  result(): NetResult {
    const result: NetResult = { gone: [], fresh: [], rows: [] };
    for (const { key, isNew, row } of this.net.values()) {
      (isNew ? result.fresh : result.gone).push(key);
      if (row !== null) result.rows.push(row);
    }
    return result;
  }

  private replace(bytes: Buffer, before: Int32Array, after: Int32Array): void {
    if (keyText(bytes, before, this.key) === keyText(bytes, after, this.key)) this.put(bytes, after, false);
    else {
      this.remove(bytes, before);
      this.put(bytes, after, true);
    }
  }

  private put(bytes: Buffer, cells: Int32Array, isNew: boolean): void {
    const text = keyText(bytes, cells, this.key);
    const row = this.count(keepRow(bytes, cells));
    const known = this.net.get(text);
    if (known) known.row = row;
    else this.net.set(text, { key: this.count(keepColumns(bytes, cells, this.key)), isNew, row });
  }

  private remove(bytes: Buffer, cells: Int32Array): void {
    const text = keyText(bytes, cells, this.key);
    const known = this.net.get(text);
    if (known) known.row = null;
    else this.net.set(text, { key: this.count(keepColumns(bytes, cells, this.key)), isNew: false, row: null });
  }

  private count(kept: KeptRow): KeptRow {
    this.kept += kept.bytes.length;
    return kept;
  }
}

/** The net effect of many changes of one table. */
export type NetTable = NetChanges | NetRows;

/** What has come together for a table, by its place; made when it is first asked for. */
export function netOf(net: Map<number, NetTable>, tables: readonly AppliedTable[], place: number): NetTable {
  let changes = net.get(place);
  if (changes === undefined) {
    const { table } = (tables[place] as AppliedTable).plan;
    changes = table.chunkKey === null ? new NetRows() : new NetChanges(table);
    net.set(place, changes);
  }
  return changes;
}

function cellsOf(cells: Int32Array | null): Int32Array {
  assert(cells, 'a change has the images that its kind has');
  return cells;
}
