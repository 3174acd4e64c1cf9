import { setTimeout as delay } from 'node:timers/promises';
import { cascadeRules } from '../domain/cascades';
import { assert } from '../domain/errors';
import type { Position } from '../domain/position';
import {
  RejectedChange,
  type AppliedPosition,
  type AppliedTable,
  type ChangeApplier,
  type ChangeBatch,
  type ChangeSink,
  type ChangeStep,
  type ChangeStream,
  type RowChange,
  type SchemaChange,
  type TransactionEnd,
} from '../engines/engine';
import { BATCH_CHANGES, ChangeBatches, type NetBatch, type NetStep } from './changeBatches';
import { faultPoint } from './faultPoint';
import { LaterTables } from './laterTables';
import { refreshChildren, type SourceLookup } from './refreshChildren';
import { keyOwners } from './vacatedKeys';
import { rejectionError } from './rejectedRow';

/** So much may wait to be applied before the source is made to wait. */
const WAITING_CHANGES = 2 * BATCH_CHANGES;
/** How often it is looked for orders while there is nothing to apply. */
const LOOK_MS = 25;
/** How often the position is moved while the log has only what concerns nobody. */
const MOVE_MS = 1_000;

export interface ApplyTask {
  readonly stream: ChangeStream;
  readonly applier: ChangeApplier;
  /** As the applier was opened with. */
  readonly tables: readonly AppliedTable[];
  /** See StreamState. */
  readonly high: Position;
  /** The source's position at which each table without a key was read, by the table's place; see LaterTables. */
  readonly readAt?: ReadonlyMap<number, Position>;
  readonly source: SourceLookup;
  readonly signal: AbortSignal;
  readonly onApplied: (batch: ChangeBatch) => void;
}

/** Why a stream ended: it was told to, and all up to there is applied; or a statement changed one of its tables. */
export type StreamEnd =
  | { readonly kind: 'drained'; readonly applied: AppliedPosition }
  | { readonly kind: 'schemaChange'; readonly change: SchemaChange };

/**
 * Applies a source's changes from where the target stands, until it is told to stop or a schema change comes. All that
 * happened before that is applied then. Errors: ROW_REJECTED, STREAM_MOVED, POSITION_LOST, LOG_UNREADABLE; those of both
 * servers; the signal's reason.
 */
export async function applyChanges(task: ApplyTask): Promise<StreamEnd> {
  const { stream, applier, tables, signal } = task;
  const applied = await applier.applied();
  const high = new HighWatermark(stream, task.high);
  const later = new LaterTables(task.readAt ?? new Map(), (...positions) => stream.contains(...positions));
  const batches = new ChangeBatches(tables, applied, later);
  const inbox = new Inbox(batches);
  const reading = new AbortController();
  const request = {
    tables: tables.map(({ plan }) => plan.table),
    from: applied.position,
    signal: AbortSignal.any([signal, reading.signal]),
  };
  const read = stream.stream(request, inbox).then(
    (change) => {
      inbox.close({ change });
    },
    (error: unknown) => {
      inbox.close({ error });
    },
  );
  try {
    return await applyAll(task, batches, inbox, high, applied);
  } finally {
    reading.abort(new Error('the stream is not read any more'));
    await read;
  }
}

async function applyAll(
  { stream, applier, tables, source, onApplied }: ApplyTask,
  batches: ChangeBatches,
  inbox: Inbox,
  high: HighWatermark,
  from: AppliedPosition,
): Promise<StreamEnd> {
  let applied = from;
  let movedAt = Date.now();
  let orders = await applier.orders();
  const rules = cascadeRules(tables.map(({ plan }) => plan.table));
  const apply = async (net: NetBatch): Promise<void> => {
    // Where rows may have been copied later than these changes, also a row that is new to the source may be stored.
    const isExact = high.isPassed(net.from.position);
    const cascades = isExact ? [] : net.steps.flatMap(({ cascade }) => cascade ?? []);
    const { vacated, heirs } = await keyOwners(cascades, rules, applier);
    const refreshed = await refreshChildren(heirs, tables, rules, source);
    if (refreshed !== null) high.raise(refreshed.high);
    const steps = net.steps.map((step) => (isExact ? step : withFresh(step)));
    const batch = { ...net, steps, vacated, refreshed };
    faultPoint('apply.before');
    orders = await applier.apply(batch).catch((error: unknown) => {
      throw named(error, tables);
    });
    faultPoint('apply.after');
    applied = batch.to;
    stream.confirm?.(applied.position);
    movedAt = Date.now();
    onApplied(batch);
  };
  for (;;) {
    // Before it is looked for a batch: what comes meanwhile is in one, or the inbox is not closed yet.
    const { closed } = inbox;
    if (closed !== null && 'error' in closed) throw closed.error;
    const batch = batches.take();
    if (batch !== null) {
      await apply(batch);
      inbox.relieve();
      if (isDrained(stream, applied, orders.stop)) return { kind: 'drained', applied };
    } else {
      if (closed !== null) reachChange(closed.change, batches);
      const isDue = closed !== null || orders.stop !== null || Date.now() - movedAt >= MOVE_MS;
      const position = isDue ? batches.takePosition() : null;
      if (position !== null) await apply(position);
      if (closed !== null) return { kind: 'schemaChange', change: closed.change };
      orders = await applier.orders();
      if (isDrained(stream, applied, orders.stop)) return { kind: 'drained', applied };
      await inbox.news(LOOK_MS);
    }
  }
}

/** All that the log has in front of the statement is told: the target shall say so, who goes on looks for that. */
function reachChange({ position }: SchemaChange, batches: ChangeBatches): void {
  assert(batches.isBetweenTransactions, 'a schema change comes between two transactions');
  batches.reached(position);
}

/** From where on the target holds exactly what the source held. Rows that are read again raise it. */
class HighWatermark {
  private passed = false;

  constructor(
    private readonly stream: ChangeStream,
    private high: Position,
  ) {}

  isPassed(position: Position): boolean {
    this.passed ||= this.stream.contains(position, this.high);
    return this.passed;
  }

  raise(high: Position): void {
    this.high = high;
    this.passed = false;
  }
}

/** Also rows that the source did not have before the step may be stored. */
function withFresh({ tables, cascade }: NetStep): ChangeStep {
  return {
    cascade,
    tables: tables.map(({ table, gone, fresh, rows }) => ({ table, gone: [...gone, ...fresh], rows })),
  };
}

function isDrained(stream: ChangeStream, { position, within }: AppliedPosition, stop: Position | null): boolean {
  return stop !== null && within === 0 && stream.contains(position, stop);
}

function named(error: unknown, tables: readonly AppliedTable[]): unknown {
  if (!(error instanceof RejectedChange)) return error;
  const { rejected, table, row } = error;
  const { plan, formats } = tables[table] as AppliedTable;
  return rejectionError(rejected, plan.table, { cells: formats, bytes: row.bytes, offsets: row.cells, place: 0 });
}

/** Takes what a stream tells into batches, and makes the stream wait while too much of it waits itself. */
class Inbox implements ChangeSink {
  /** How the reading ended; null while it goes on. */
  closed: { readonly change: SchemaChange } | { readonly error: unknown } | null = null;
  private waiting: Promise<void> | null = null;
  private letGoOn: () => void = () => undefined;
  private wake: () => void = () => undefined;

  constructor(private readonly batches: ChangeBatches) {}

  begin(from: () => Position): void {
    this.batches.begin(from);
  }

  change(change: RowChange): void {
    this.batches.change(change);
  }

  end(transaction: TransactionEnd): void {
    this.batches.end(transaction.position(), transaction.committedAtMs);
    this.wake();
  }

  idle(position: () => Position): void {
    this.batches.reached(position());
  }

  pressure(): Promise<void> | null {
    if (this.batches.changes < WAITING_CHANGES) return null;
    this.wake();
    this.waiting ??= new Promise((resolve) => (this.letGoOn = resolve));
    return this.waiting;
  }

  relieve(): void {
    if (this.batches.changes >= WAITING_CHANGES) return;
    this.waiting = null;
    this.letGoOn();
  }

  close(how: NonNullable<Inbox['closed']>): void {
    this.closed = how;
    this.wake();
  }

  /** Resolves with the next news, or when the time is up. */
  async news(withinMs: number): Promise<void> {
    if (this.closed !== null) return;
    const timer = new AbortController();
    const told = new Promise<void>((resolve) => (this.wake = resolve));
    const timeUp = delay(withinMs, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([told, timeUp]);
    timer.abort();
  }
}
