import { cascadeRules, type CascadeRule } from '../domain/cascades';
import type { Position } from '../domain/position';
import type { AppliedPosition, AppliedTable, Cascade, ChangeBatch, KeptRow, RowChange } from '../engines/engine';
import { keepRow } from './keepRow';
import { LaterTables } from './laterTables';
import { netOf, type NetResult, type NetTable } from './netChanges';
import { takesOthers } from './takesOthers';

/** A batch ends when it has so many changes, or keeps about so many bytes. */
export const BATCH_CHANGES = 10_000;
const BATCH_BYTES = 16 << 20;

/** Changes that take rows along are steps of their own, of which a batch has no more. */
const BATCH_STEPS = 200;

/** A batch as it is read. */
export interface NetBatch extends Omit<ChangeBatch, 'steps' | 'vacated' | 'refreshed'> {
  readonly steps: readonly NetStep[];
}

export interface NetStep {
  readonly tables: readonly ({ readonly table: number } & NetResult)[];
  readonly cascade: Cascade | null;
}

/** One step in the making. */
interface OpenStep {
  readonly tables: Map<number, NetTable>;
  /** The one table whose rows take others with them, and what became of them. */
  cascade: { readonly table: number; readonly changes: { before: KeptRow; after: KeptRow | null }[] } | null;
}

/**
 * Gathers a stream's changes into batches, in the stream's order. A change that takes rows of other tables with it,
 * which the log does not have, begins a step with nothing but its like: what it takes with it depends on what was
 * there just then.
 */
export class ChangeBatches {
  private readonly rules: readonly CascadeRule[];
  private readonly sealed: NetBatch[] = [];
  private steps: NetStep[] = [];
  private open: OpenStep = emptyStep();
  /** Changes of the batch in the making, and about how many bytes are kept of them. */
  private openChanges = 0;
  private openBytes = 0;
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
    private readonly later = LaterTables.none(),
  ) {
    this.rules = cascadeRules(tables.map(({ plan }) => plan.table));
    this.sealedTo = applied;
    this.skip = applied.within;
    this.last = applied.position;
  }

  begin(from: () => Position): void {
    this.within = 0;
    this.later.begin(from);
  }

  change(change: RowChange): void {
    this.within++;
    if (this.within <= this.skip || this.later.has(change.table)) return;
    const isCascade = !change.cascadesLogged && takesOthers(this.rules, change);
    const { cascade } = this.open;
    const fits = isCascade ? cascade?.table === change.table : cascade === null;
    if (!fits) this.endStep();
    if (isCascade) this.noteCascade(change);
    this.openBytes += netOf(this.open.tables, this.tables, change.table).add(change);
    this.openChanges++;
    this.changes++;
    if (this.isFull()) this.seal({ position: this.last, within: this.within });
  }

  end(position: Position, committedAtMs: number): void {
    this.committedAtMs = committedAtMs;
    this.skip = 0;
    this.reached(position);
  }

  /**
   * The log has nothing more up to here. Where an earlier attempt has applied a part of the next transaction, which is
   * still to come, its place is that in front of it, and stays so.
   */
  reached(position: Position): void {
    if (this.skip > 0) return;
    this.last = position;
    this.within = 0;
  }

  /** Whether all that has been told belongs to transactions that ended. */
  get isBetweenTransactions(): boolean {
    return this.within === 0;
  }

  /** What is to be applied next; null for nothing, which it is amid a transaction that is not long. */
  take(): NetBatch | null {
    if (this.sealed.length === 0 && this.within === 0 && this.openChanges > 0) this.seal(this.here());
    const batch = this.sealed.shift() ?? null;
    this.changes -= batch?.changes ?? 0;
    return batch;
  }

  /** A batch without changes that moves the position to where the log has been read; null where it stands there. */
  takePosition(): NetBatch | null {
    const isThere = this.skip > 0 || samePlace(this.sealedTo, this.here());
    if (this.sealed.length > 0 || this.openChanges > 0 || this.within > 0 || isThere) return null;
    this.seal(this.here());
    return this.sealed.shift() ?? null;
  }

  private here(): AppliedPosition {
    return { position: this.last, within: this.within };
  }

  private isFull(): boolean {
    return this.openChanges >= BATCH_CHANGES || this.openBytes >= BATCH_BYTES || this.steps.length >= BATCH_STEPS;
  }

  private endStep(): void {
    const { tables, cascade } = this.open;
    if (tables.size === 0) return;
    this.steps.push({ tables: [...tables].map(([table, net]) => ({ table, ...net.result() })), cascade });
    this.open = emptyStep();
  }

  private seal(to: AppliedPosition): void {
    this.endStep();
    const { steps, openChanges: changes, committedAtMs } = this;
    this.sealed.push({ from: this.sealedTo, to, committedAtMs, changes, steps });
    this.sealedTo = to;
    this.steps = [];
    this.openChanges = 0;
    this.openBytes = 0;
  }

  private noteCascade({ table, bytes, before, after }: RowChange): void {
    this.open.cascade ??= { table, changes: [] };
    if (before === null) return;
    const changed = { before: keepRow(bytes, before), after: after && keepRow(bytes, after) };
    this.open.cascade.changes.push(changed);
  }
}

function emptyStep(): OpenStep {
  return { tables: new Map(), cascade: null };
}

function samePlace(one: AppliedPosition, other: AppliedPosition): boolean {
  return one.within === other.within && JSON.stringify(one.position) === JSON.stringify(other.position);
}
