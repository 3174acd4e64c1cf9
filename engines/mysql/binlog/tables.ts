import type { PlannedTable } from '../../../domain/plan';
import { layOut, type LabelBytes, type Layout } from './layout';
import { readTableMap, tableId } from './tableMap';

/** Statements map a table anew each time, nearly always as before. */
interface Mapped {
  readonly raw: Buffer;
  readonly layout: Layout | null;
}

/** Ids are given anew when a table is opened again; what was there before is forgotten now and then. */
const MOST_MAPPED = 10_000;

/** The tables that are streamed, by the ids under which the log's rows refer to them. */
export class StreamedTables {
  private readonly mapped = new Map<number, Mapped>();
  private readonly planned: ReadonlyMap<string, { table: PlannedTable; place: number }>;

  constructor(
    readonly database: string,
    tables: readonly PlannedTable[],
    private readonly labels: LabelBytes,
  ) {
    this.planned = new Map(tables.map((table, place) => [table.source.name, { table, place }]));
  }

  /** Reads a TABLE_MAP event's body; null for a table that is not streamed. Errors: LOG_UNREADABLE. */
  map(bytes: Buffer, start: number, end: number): Layout | null {
    const id = tableId(bytes, start);
    const known = this.mapped.get(id);
    if (known?.raw.compare(bytes, start, end) === 0) return known.layout;
    const raw = Buffer.from(bytes.subarray(start, end));
    const layout = this.layOut(raw);
    if (this.mapped.size >= MOST_MAPPED) this.mapped.clear();
    this.mapped.set(id, { raw, layout });
    return layout;
  }

  /** The table of a rows event; null when it is not streamed, undefined when no event has mapped it. */
  layoutOf(id: number): Layout | null | undefined {
    return this.mapped.get(id)?.layout;
  }

  private layOut(raw: Buffer): Layout | null {
    const map = readTableMap(raw, 0, raw.length);
    const found = map.database === this.database ? this.planned.get(map.table) : undefined;
    return found === undefined ? null : layOut(map, found.table, found.place, this.labels);
  }
}
