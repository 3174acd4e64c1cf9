import type { PlannedColumn, PlannedTable } from '../domain/plan';
import { NULL_IN_KEY, type RowKey } from '../domain/rowKey';
import type { Mismatch, VerifiedPart } from '../engines/engine';
import type { Excuses } from './excuses';

/** The most mismatches that are named of one table; all are counted. */
export const MAX_EXAMPLES = 100;

/** Counts what was compared and what differs, and keeps the first differences. */
export class Tally {
  private sourceRows = 0;
  private targetRows = 0;
  private verifiedRows = 0;
  private mismatches = 0;
  private readonly examples: Mismatch[] = [];

  constructor(
    private readonly table: PlannedTable,
    private readonly excuses: Excuses,
    /** Told of every difference, also of those that are not named. */
    private readonly onDiffer: (kind: Mismatch['kind'], key: RowKey, rows: number) => void = () => undefined,
  ) {}

  /** Rows that were looked at on either side. */
  see(sourceRows: number, targetRows: number): void {
    this.sourceRows += sourceRows;
    this.targetRows += targetRows;
  }

  /** Rows of the source found unchanged on the target. */
  verify(rows: number): void {
    this.verifiedRows += rows;
  }

  differ(kind: Mismatch['kind'], key: RowKey, columns: readonly PlannedColumn[] = [], rows = 1): void {
    const excused = kind === 'missing' ? this.excused(key, rows) : 0;
    if (excused === rows) return;
    this.mismatches += rows - excused;
    this.onDiffer(kind, key, rows - excused);
    if (this.examples.length >= MAX_EXAMPLES) return;
    const names = columns.map(({ source }) => source.name);
    this.examples.push({ table: this.table.source.name, key: key.map(storable), kind, columns: names });
  }

  private excused(key: RowKey, rows: number): number {
    let excused = 0;
    while (excused < rows && this.excuses.covers(key)) excused++;
    return excused;
  }

  get differences(): number {
    return this.mismatches;
  }

  get seenRows(): number {
    return Math.max(this.sourceRows, this.targetRows);
  }

  add(part: VerifiedPart): void {
    this.see(part.sourceRows, part.targetRows);
    this.verify(part.verifiedRows);
    this.mismatches += part.mismatches;
    this.examples.push(...part.examples.slice(0, MAX_EXAMPLES - this.examples.length));
  }

  result(): VerifiedPart {
    const { sourceRows, targetRows, verifiedRows, mismatches, examples } = this;
    return { sourceRows, targetRows, verifiedRows, mismatches, examples };
  }
}

/** Examples are kept as JSON on the target, which stores no NUL: the symbol for it stands in its place. */
function storable(text: string): string {
  return text === NULL_IN_KEY ? 'NULL' : text.replaceAll('\0', '\u2400');
}
