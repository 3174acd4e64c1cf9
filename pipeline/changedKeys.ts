import { cascadeRules, type CascadeRule } from '../domain/cascades';
import { assert } from '../domain/errors';
import type { PlannedTable } from '../domain/plan';
import type { Position } from '../domain/position';
import { keyIdentity, keyPlaces, type RowKey } from '../domain/rowKey';
import type { CellFormat, ChangeSink, ChangeStream, RowChange, TransactionEnd } from '../engines/engine';
import { canonicalCells } from './cellText';
import { takesOthers } from './takesOthers';

/** What was changed of one table. */
export interface ChangedTable {
  /** The keys of the changed rows, before and after; each once. */
  readonly keys: readonly RowKey[];
  /**
   * True where keys do not tell all: a row whose key only a server could spell, or rows that foreign keys changed without
   * a word in the log.
   */
  readonly isWhole: boolean;
}

export interface ChangedKeysTask {
  readonly stream: ChangeStream;
  readonly tables: readonly { readonly table: PlannedTable; readonly formats: readonly CellFormat[] }[];
  readonly from: Position;
  /** Reading ends once this is reached. */
  readonly upTo: Position;
  readonly signal: AbortSignal;
}

/**
 * Reads a source's log for the keys of the rows that were changed between two positions, by table in the order given. Its
 * time grows with what was changed, not with what there is. Errors: those of ChangeStream.stream; INTERNAL when a schema
 * change comes in between, which whoever applies the stream has met before.
 */
export async function changedKeys({ stream, tables, from, upTo, signal }: ChangedKeysTask): Promise<ChangedTable[]> {
  const found = new Collector(tables);
  const reached = new AbortController();
  const sink = new UpTo(found, stream, upTo, reached);
  if (!stream.contains(from, upTo)) {
    const request = {
      tables: tables.map(({ table }) => table),
      from,
      signal: AbortSignal.any([signal, reached.signal]),
    };
    try {
      await stream.stream(request, sink);
      assert(false, 'no schema change lies between two positions that were applied');
    } catch (error) {
      if (!reached.signal.aborted || signal.aborted) throw error;
    }
  }
  return found.result();
}

class Collector {
  private readonly rules: readonly CascadeRule[];
  private readonly changed: { keys: Map<string, RowKey>; isWhole: boolean }[];
  private readonly columns: readonly (readonly number[])[];
  private readonly identities: readonly ((key: RowKey) => string)[];

  constructor(private readonly tables: ChangedKeysTask['tables']) {
    this.rules = cascadeRules(tables.map(({ table }) => table));
    this.changed = tables.map(() => ({ keys: new Map(), isWhole: false }));
    this.columns = tables.map(({ table }) => keyPlaces(table));
    this.identities = tables.map(({ table }) => keyIdentity(table));
  }

  add(change: RowChange): void {
    const { table, bytes, before, after } = change;
    if (before !== null) this.note(table, bytes, before);
    if (after !== null) this.note(table, bytes, after);
    if (!change.cascadesLogged && takesOthers(this.rules, change)) this.noteChildren(table);
  }

  result(): ChangedTable[] {
    return this.changed.map(({ keys, isWhole }) => ({ keys: [...keys.values()], isWhole }));
  }

  private note(table: number, bytes: Buffer, cells: Int32Array): void {
    const changed = this.changed[table];
    if (changed === undefined) return;
    const { formats = [] } = this.tables[table] ?? {};
    const key = canonicalCells(formats, bytes, cells, this.columns[table] ?? []);
    if (key === null) changed.isWhole = true;
    else changed.keys.set(this.identities[table]?.(key) ?? '', key);
  }

  /** Whatever referred to the row, and to what referred to that. */
  private noteChildren(parent: number): void {
    for (const { child } of this.rules.filter((rule) => rule.parent === parent)) {
      const changed = this.changed[child];
      if (changed === undefined || changed.isWhole) continue;
      changed.isWhole = true;
      this.noteChildren(child);
    }
  }
}

/** Stops the reading at a position. */
class UpTo implements ChangeSink {
  constructor(
    private readonly found: Collector,
    private readonly stream: ChangeStream,
    private readonly upTo: Position,
    private readonly reached: AbortController,
  ) {}

  begin(): void {
    // A transaction that is not wanted any more changes nothing here: it only adds keys.
  }

  change(change: RowChange): void {
    this.found.add(change);
  }

  end(transaction: TransactionEnd): void {
    this.look(transaction.position());
  }

  idle(position: () => Position): void {
    this.look(position());
  }

  pressure(): null {
    return null;
  }

  private look(position: Position): void {
    if (this.stream.contains(position, this.upTo)) this.reached.abort(new Error('the end is reached'));
  }
}
