import { assert } from '../domain/errors';
import type { Position } from '../domain/position';
import type { AppliedTable, ChangeStream } from '../engines/engine';

/**
 * Tables that were read at a moment of their own, behind which alone their changes are applied: what a transaction up to
 * there did to them is in what was read.
 */
export class LaterTables {
  private readonly waiting: Map<number, Position>;

  /** `readAt` has the source's position of such a moment by the table's place. */
  constructor(
    readAt: ReadonlyMap<number, Position>,
    private readonly contains: ChangeStream['contains'],
  ) {
    this.waiting = new Map(readAt);
  }

  static none(): LaterTables {
    return new LaterTables(new Map(), () => true);
  }

  /** A transaction begins, in front of which the stream stands at `from`. */
  begin(from: () => Position): void {
    if (this.waiting.size === 0) return;
    const position = from();
    for (const [table, readAt] of this.waiting) if (this.contains(position, readAt)) this.waiting.delete(table);
  }

  /** Whether what this transaction does to the table has been read with it. */
  has(table: number): boolean {
    return this.waiting.has(table);
  }
}

/** What is kept by the tables' source names, by their places in the list. */
export function readAtPlaces(
  tables: readonly AppliedTable[],
  byName: ReadonlyMap<string, Position>,
): Map<number, Position> {
  const places = new Map<number, Position>();
  for (const [place, { plan }] of tables.entries()) {
    const position = byName.get(plan.table.source.name);
    assert(position !== undefined || plan.table.chunkKey !== null, 'a table without a key was read at a position');
    if (position !== undefined) places.set(place, position);
  }
  return places;
}
