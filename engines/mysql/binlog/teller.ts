import type { ChangeSink } from '../../engine';
import { asUnreadable, type Layout } from './layout';
import { repeat, type Wait } from './repeat';
import { RowsReader } from './rows';

/** Tells the rows of an event to the sink, one after the other, and stops where the sink asks for it. */
export class Teller {
  private readonly rows = new RowsReader();
  private name = '';

  constructor(readonly sink: ChangeSink) {}

  tell(type: number, bytes: Buffer, start: number, end: number, layout: Layout): Wait {
    this.name = layout.name;
    this.reading(() => {
      this.rows.load(type, bytes, start, end, layout);
    });
    return repeat(this.step);
  }

  private readonly step = (): boolean | Promise<void> => {
    if (!this.reading(this.next)) return false;
    this.sink.change(this.rows.change);
    return this.sink.pressure() ?? true;
  };

  private readonly next = (): boolean => this.rows.next();

  /** What goes wrong while bytes are read means that they are not what they were taken for. */
  private reading<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw asUnreadable(error, this.name, 'has rows in the log that cannot be read');
    }
  }
}
