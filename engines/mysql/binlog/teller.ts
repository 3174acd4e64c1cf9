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
    try {
      this.rows.load(type, bytes, start, end, layout);
    } catch (error) {
      throw this.misread(error);
    }
    return repeat(this.step);
  }

  private readonly step = (): boolean | Promise<void> => {
    const { rows, sink } = this;
    let found: boolean;
    try {
      found = rows.next();
    } catch (error) {
      throw this.misread(error);
    }
    if (!found) return false;
    sink.change(rows.change);
    return sink.pressure() ?? true;
  };

  /** What goes wrong while bytes are read means that they are not what they were taken for. */
  private misread(error: unknown): Error {
    return asUnreadable(error, this.name, 'has rows in the log that cannot be read');
  }
}
