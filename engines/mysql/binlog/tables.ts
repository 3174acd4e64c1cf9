import type { PlannedTable } from '../../../domain/plan';
import { asUnreadable, layOut, type LabelBytes, type Layout } from './layout';
import { readTableMap, readTableName, tableId } from './tableMap';

/** Statements map a table anew each time, nearly always as before. */
interface Mapped {
  readonly raw: Buffer;
  readonly layout: Layout | null;
}

/** Ids are given anew when a table is opened again; what was not mapped for long is forgotten. */
const MOST_MAPPED = 10_000;

/** How a server tells names apart: by case or not (lower_case_table_names). */
export interface ServerNames {
  /** As the server has it. */
  readonly database: string;
  readonly ignoresCase: boolean;
}

/** The tables that are streamed, by the ids under which the log's rows refer to them. */
export class StreamedTables {
  private readonly mapped = new Map<number, Mapped>();
  private readonly planned: ReadonlyMap<string, { table: PlannedTable; place: number }>;

  constructor(
    private readonly names: ServerNames,
    tables: readonly PlannedTable[],
    private readonly labels: LabelBytes,
  ) {
    this.planned = new Map(tables.map((table, place) => [this.fold(table.source.name), { table, place }]));
  }

  get database(): string {
    return this.names.database;
  }

  /** Reads a TABLE_MAP event's body. Errors: LOG_UNREADABLE for a streamed table that is not as planned. */
  map(bytes: Buffer, start: number, end: number): void {
    const id = tableId(bytes, start);
    const known = this.mapped.get(id);
    if (known?.raw.compare(bytes, start, end) === 0) {
      // The last to be forgotten: rows of this statement refer to it.
      this.mapped.delete(id);
      this.mapped.set(id, known);
      return;
    }
    const raw = Buffer.from(bytes.subarray(start, end));
    this.mapped.set(id, { raw, layout: this.layOut(raw) });
    if (this.mapped.size > MOST_MAPPED) this.forgetOldest();
  }

  /** The table of a rows event; null when it is not streamed, undefined when no event has mapped it. */
  layoutOf(id: number): Layout | null | undefined {
    return this.mapped.get(id)?.layout;
  }

  /** Of other tables nothing but the name is read: they may hold what is not known here. */
  private layOut(raw: Buffer): Layout | null {
    const { database, table } = readTableName(raw, 0);
    const isOurs = this.fold(database) === this.fold(this.database);
    const found = isOurs ? this.planned.get(this.fold(table)) : undefined;
    if (found === undefined) return null;
    try {
      return layOut(readTableMap(raw, 0, raw.length), found.table, found.place, this.labels);
    } catch (error) {
      throw asUnreadable(error, table, 'is described in the log in a way that cannot be read');
    }
  }

  private fold(name: string): string {
    return this.names.ignoresCase ? name.toLowerCase() : name;
  }

  private forgetOldest(): void {
    for (const id of this.mapped.keys()) {
      this.mapped.delete(id);
      return;
    }
  }
}
