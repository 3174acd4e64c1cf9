import type { ChangeSink } from '../../engine';
import { unreadable, type Layout } from './layout';
import { repeat, type Wait } from './repeat';
import { RowsReader } from './rows';

/** Tells the rows of an event to the sink, one after the other, and stops where the sink asks for it. */
export class Teller {
  private readonly rows = new RowsReader();

  constructor(readonly sink: ChangeSink) {}

  tell(type: number, bytes: Buffer, start: number, end: number, layout: Layout): Wait {
    try {
      this.rows.load(type, bytes, start, end, layout);
    } catch (error) {
      throw asUnreadable(error, layout);
    }
    return repeat(this.step);
  }

  private readonly step = (): boolean | Promise<void> => {
    if (!this.rows.next()) return false;
    this.sink.change(this.rows.change);
    return this.sink.pressure() ?? true;
  };
}

/** Reading beyond an event's end means that the event is not what it was taken for. */
function asUnreadable(error: unknown, { name }: Layout): unknown {
  return error instanceof RangeError
    ? unreadable(name, `has rows in the log that cannot be read: ${error.message}`)
    : error;
}
