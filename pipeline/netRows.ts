import { assert } from '../domain/errors';
import type { KeptRow, RowChange } from '../engines/engine';
import { keepRow, rowText } from './keepRow';
import type { NetResult } from './netChanges';

/** A row by what it holds, and by how many such rows there are more than before; less, where it is negative. */
interface CountedRow {
  readonly row: KeptRow;
  more: number;
}

/**
 * The net effect of many changes of one table without a key: of rows that hold the same only how many more or less there
 * are. So a row that was written and deleted again is no change, in whichever order the log has it.
 */
export class NetRows {
  private readonly counted = new Map<string, CountedRow>();
  private kept = 0;

  /** Answers how many more bytes are kept of it. */
  add({ bytes, before, after }: RowChange): number {
    assert(before !== null || after !== null, 'a change has the images that its kind has');
    const keptBefore = this.kept;
    if (before !== null) this.count(bytes, before, -1);
    if (after !== null) this.count(bytes, after, 1);
    return this.kept - keptBefore;
  }

  /** `gone` and `rows` have whole rows, each as often as it is to be removed or written. */
  result(): NetResult {
    const result: NetResult = { gone: [], fresh: [], rows: [] };
    for (const { row, more } of this.counted.values()) {
      const list = more < 0 ? result.gone : result.rows;
      for (let left = Math.abs(more); left > 0; left--) list.push(row);
    }
    return result;
  }

  private count(bytes: Buffer, cells: Int32Array, by: 1 | -1): void {
    const text = rowText(bytes, cells);
    const known = this.counted.get(text);
    if (known === undefined) {
      const row = keepRow(bytes, cells);
      this.counted.set(text, { row, more: by });
      this.kept += row.bytes.length;
      return;
    }
    known.more += by;
    if (known.more !== 0) return;
    this.counted.delete(text);
    this.kept -= known.row.bytes.length;
  }
}
