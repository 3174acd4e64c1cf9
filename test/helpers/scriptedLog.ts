import type { Position } from '../../domain/position';
import type { ChangeSink, ChangeStream, SchemaChange, StreamRequest } from '../../engines/engine';
import type { Cell } from './targetRows';

/** A row's change as a log has it; `null` where there is no such image. */
export interface LoggedChange {
  readonly table: number;
  readonly before: readonly Cell[] | null;
  readonly after: readonly Cell[] | null;
  readonly cascadesLogged?: boolean;
}

/** A source's log whose transactions a test has made up; a position is how many of them lie before it. */
export class ScriptedLog implements ChangeStream {
  constructor(
    readonly transactions: readonly (readonly LoggedChange[])[],
    /** Called before each change is told, with how many have been told by this log. */
    private readonly onChange: (told: number) => void = () => undefined,
  ) {}

  private told = 0;

  static at(place: number): Position {
    return { kind: 'binlogFile', server: 'scripted', file: 'log', offset: String(place) };
  }

  start(): Promise<Position> {
    return Promise.resolve(ScriptedLog.at(0));
  }

  contains(position: Position, other: Position): boolean {
    return placeOf(position) >= placeOf(other);
  }

  async stream({ from, signal }: StreamRequest, sink: ChangeSink): Promise<SchemaChange> {
    for (let place = placeOf(from); place < this.transactions.length; place++) {
      sink.begin(() => ScriptedLog.at(place));
      for (const change of this.transactions[place] ?? []) {
        this.onChange(++this.told);
        tell(sink, change);
        await sink.pressure();
        signal.throwIfAborted();
      }
      sink.end({ position: () => ScriptedLog.at(place + 1), committedAtMs: place });
      await sink.pressure();
      signal.throwIfAborted();
    }
    sink.idle(() => ScriptedLog.at(this.transactions.length));
    return new Promise((_, reject) => {
      const end = (): void => {
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });
  }
}

function placeOf(position: Position): number {
  if (position.kind !== 'binlogFile') throw new Error('a scripted log has places');
  return Number(position.offset);
}

/** As a source does: both images somewhere in one buffer, which is the source's own again after the call. */
function tell(sink: ChangeSink, { table, before, after, cascadesLogged = true }: LoggedChange): void {
  const cells = [before, after].map((image) => image && new Int32Array(image.length * 2));
  const parts: Buffer[] = [Buffer.from('head')];
  let at = 4;
  [before, after].forEach((image, which) => {
    image?.forEach((cell, column) => {
      const bytes = cell === null ? null : Buffer.from(cell);
      cells[which]?.set(bytes === null ? [-1, -1] : [at, at + bytes.length], column * 2);
      parts.push(bytes ?? Buffer.alloc(0), Buffer.from('|'));
      at += (bytes?.length ?? 0) + 1;
    });
  });
  const kind = before === null ? 'insert' : after === null ? 'delete' : 'update';
  const bytes = Buffer.concat(parts);
  sink.change({ kind, table, bytes, before: cells[0] ?? null, after: cells[1] ?? null, cascadesLogged });
  bytes.fill('!');
}
