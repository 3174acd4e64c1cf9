import { cascadeRules, changesRows, type CascadeRule } from '../domain/cascades';
import type { Position } from '../domain/position';
import type { AppliedPosition, AppliedTable, ChangeBatch, KeptRow, RowChange } from '../engines/engine';
import { keepRow, keyText } from './keepRow';
import { NetChanges, type NetResult } from './netChanges';

/** A batch ends when it has so many changes, or keeps about so many bytes. */
export const BATCH_CHANGES = 10_000;
export const BATCH_BYTES = 16 << 20;

/** A batch as it is read. */
export interface NetBatch extends Omit<ChangeBatch, 'tables' | 'refreshed'> {
  readonly tables: readonly ({ readonly table: number } & NetResult)[];
}

/** One batch in the making. */
interface OpenBatch {
  readonly tables: Map<number, NetChanges>;
  changes: number;
  /** About what is kept of rows and keys. */
  bytes: number;
  /** The one table whose rows take others with them, and what became of them. */
  cascade: { readonly table: number; readonly changes: { before: KeptRow; after: KeptRow | null }[] } | null;
}

/**
 * Gathers a stream's changes into batches, in the stream's order. A change that takes rows of other tables with it,
 * which the log does not have, begins a batch with nothing but its like: what it takes with it depends on what was
 * there just then.
 */
export class ChangeBatches {
  private readonly rules: readonly CascadeRule[];
  private readonly sealed: NetBatch[] = [];
  private open: OpenBatch = emptyBatch();
  private sealedTo: AppliedPosition;
  /** Changes of the present transaction that have been told, and how many of them are applied already. */
  private within = 0;
  private skip: number;
  private last: Position;
  private committedAtMs: number | null = null;
  /** Changes that are kept and not taken. */
  changes = 0;

  constructor(
    private readonly tables: readonly AppliedTable[],
    applied: AppliedPosition,
  ) {
    this.rules = cascadeRules(tables.map(({ plan }) => plan.table));
    this.sealedTo = applied;
    this.skip = applied.within;
    this.last = applied.position;
  }

  begin(): void {
    this.within = 0;
  }

  change(change: RowChange): void {
    this.within++;
    if (this.within <= this.skip) return;
    const takesOthers = !change.cascadesLogged && this.takesOthers(change);
    const { cascade } = this.open;
    const fits = takesOthers ? cascade?.table === change.table : cascade === null;
    if (!fits && this.open.changes > 0) this.seal({ position: this.last, within: this.within - 1 });
    if (takesOthers) this.noteCascade(change);
    this.open.bytes += this.netOf(change.table).add(change);
    this.open.changes++;
    this.changes++;
    if (this.open.changes >= BATCH_CHANGES || this.open.bytes >= BATCH_BYTES)
      this.seal({ position: this.last, within: this.within });
  }

  end(position: Position, committedAtMs: number): void {
    this.committedAtMs = committedAtMs;
    this.reached(position);
  }

  /** The log has nothing more up to here. */
  reached(position: Position): void {
    this.last = position;
    this.within = 0;
    this.skip = 0;
  }

  /** Whether all that has been told belongs to transactions that ended. */
  get isBetweenTransactions(): boolean {
    return this.within === 0;
  }

  /** What is to be applied next; null for nothing, which it is amid a transaction that is not long. */
  take(): NetBatch | null {
    if (this.sealed.length === 0 && this.within === 0 && this.open.changes > 0) this.seal(this.here());
    const batch = this.sealed.shift() ?? null;
    this.changes -= batch?.changes ?? 0;
    return batch;
  }

  /** A batch without changes that moves the position to where the log has been read; null where it stands there. */
  takePosition(): NetBatch | null {
    const isThere = samePlace(this.sealedTo, this.here());
    if (this.sealed.length > 0 || this.open.changes > 0 || this.within > 0 || isThere) return null;
    this.seal(this.here());
    return this.sealed.shift() ?? null;
  }

  private here(): AppliedPosition {
    return { position: this.last, within: this.within };
  }

  private seal(to: AppliedPosition): void {
    const { tables, cascade, changes } = this.open;
    const batch: NetBatch = {
      from: this.sealedTo,
      to,
      committedAtMs: this.committedAtMs,
      tables: [...tables].map(([table, net]) => ({ table, ...net.result() })),
      changes,
      cascade,
    };
    this.sealed.push(batch);
    this.sealedTo = to;
    this.open = emptyBatch();
  }

  private netOf(table: number): NetChanges {
    let net = this.open.tables.get(table);
    if (net === undefined) {
      const { plan } = this.tables[table] as AppliedTable;
      net = new NetChanges(plan.table);
      this.open.tables.set(table, net);
    }
    return net;
  }

  private takesOthers({ kind, table, bytes, before, after }: RowChange): boolean {
    if (kind === 'insert' || before === null) return false;
    return this.rules.some(({ parent, referenced, onDelete, onUpdate }) => {
      if (parent !== table) return false;
      if (after === null) return changesRows(onDelete);
      return changesRows(onUpdate) && keyText(bytes, before, referenced) !== keyText(bytes, after, referenced);
    });
  }

  private noteCascade({ table, bytes, before, after }: RowChange): void {
    this.open.cascade ??= { table, changes: [] };
    if (before === null) return;
    const changed = { before: keepRow(bytes, before), after: after && keepRow(bytes, after) };
    this.open.cascade.changes.push(changed);
  }
}

function emptyBatch(): OpenBatch {
  return { tables: new Map(), changes: 0, bytes: 0, cascade: null };
}

function samePlace(one: AppliedPosition, other: AppliedPosition): boolean {
  return one.within === other.within && JSON.stringify(one.position) === JSON.stringify(other.position);
}
