import type { PlannedTable } from '../../../domain/plan';
import type { Position } from '../../../domain/position';
import {
  NULL_CELL,
  UNCHANGED_CELL,
  type ChangeSink,
  type ChangeStream,
  type RowChange,
  type SchemaChange,
} from '../../../engines/engine';

/** Stands for a cell that the log leaves out because the change did not touch it. */
export const UNCHANGED = '(left out)';

/** A row's cells as text of their bytes (latin1: one character a byte); null is NULL. */
export type Cells = (string | null)[];

export interface ToldChange {
  readonly kind: RowChange['kind'];
  readonly table: string;
  readonly before: Cells | null;
  readonly after: Cells | null;
  readonly cascadesLogged: boolean;
}

export interface ToldTransaction {
  readonly changes: readonly ToldChange[];
  readonly position: Position;
  readonly committedAtMs: number;
}

/** What a stream told, and how it ended: null when it was told to stop, as asked. */
export interface Followed {
  readonly transactions: readonly ToldTransaction[];
  readonly changes: readonly ToldChange[];
  readonly schemaChange: SchemaChange | null;
  /** Of a stream that went on to the end that was asked for. */
  readonly position: Position;
}

/** Keeps what it is told. */
export class KeepingSink implements ChangeSink {
  readonly transactions: ToldTransaction[] = [];
  position: Position | null = null;
  private open: ToldChange[] | null = null;

  constructor(
    private readonly tables: readonly PlannedTable[],
    private readonly onPosition: (position: Position) => void = () => undefined,
  ) {}

  begin(): void {
    if (this.open !== null) throw new Error('two begins without an end');
    this.open = [];
  }

  change({ kind, table, bytes, before, after, cascadesLogged }: RowChange): void {
    if (this.open === null) throw new Error('a change without a begin');
    const cells = (places: Int32Array | null): Cells | null => (places === null ? null : readCells(bytes, places));
    const name = this.tables[table]!.source.name;
    this.open.push({ kind, table: name, before: cells(before), after: cells(after), cascadesLogged });
  }

  end(transaction: { position(): Position; readonly committedAtMs: number }): void {
    if (this.open === null) throw new Error('an end without a begin');
    const position = transaction.position();
    this.transactions.push({ changes: this.open, position, committedAtMs: transaction.committedAtMs });
    this.open = null;
    this.reach(position);
  }

  idle(position: () => Position): void {
    if (this.open !== null) throw new Error('idle amid a transaction');
    this.reach(position());
  }

  pressure(): Promise<void> | null {
    return null;
  }

  private reach(position: Position): void {
    this.position = position;
    this.onPosition(position);
  }
}

function readCells(bytes: Buffer, places: Int32Array): Cells {
  const row: Cells = [];
  for (let cell = 0; cell < places.length; cell += 2) {
    const start = places[cell]!;
    if (start === UNCHANGED_CELL) row.push(UNCHANGED);
    else row.push(start === NULL_CELL ? null : bytes.toString('latin1', start, places[cell + 1]));
  }
  return row;
}

/** Follows a source's log from one position until another one is reached, or a schema change ends it. */
export async function follow(
  stream: ChangeStream,
  tables: readonly PlannedTable[],
  from: Position,
  upTo: Position,
): Promise<Followed> {
  const controller = new AbortController();
  const reached = new Error('reached');
  const sink = new KeepingSink(tables, (position) => {
    if (stream.contains(position, upTo)) controller.abort(reached);
  });
  const schemaChange = await stream
    .stream({ tables, from, signal: controller.signal }, sink)
    .catch((error: unknown) => {
      if (error === reached) return null;
      throw error;
    });
  const changes = sink.transactions.flatMap((transaction) => transaction.changes);
  return { transactions: sink.transactions, changes, schemaChange, position: sink.position ?? from };
}

/** The coded error that a promise is rejected with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'no error';
}
