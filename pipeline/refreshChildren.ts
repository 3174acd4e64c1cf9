import type { CascadeRule } from '../domain/cascades';
import type { ColumnValues } from '../domain/keys';
import type { Position } from '../domain/position';
import type { AppliedTable, ChangeBatch, KeptRow, TableChanges } from '../engines/engine';
import { canonicalCells } from './cellText';
import { netOf, type NetTable } from './netChanges';
import type { KeyOwners } from './vacatedKeys';

/** The source as it is now. */
export interface SourceLookup {
  /** The rows of a table, by its place, that have one of these values. */
  read(table: number, among: ColumnValues): Promise<KeptRow[]>;
  position(): Promise<Position>;
}

/**
 * Rows to read again when a key has another owner, with no word in the log of those who refer to it now, while rows may
 * have been copied later than that: a row that was copied with the key has gone with the key's earlier owner, whose end
 * is applied too, and no change of its own brings it back. What is read is of now, so what is applied is exact from now
 * on. Null where nothing needs it.
 */
export async function refreshChildren(
  heirs: KeyOwners['heirs'],
  tables: readonly AppliedTable[],
  rules: readonly CascadeRule[],
  source: SourceLookup,
): Promise<ChangeBatch['refreshed']> {
  if (heirs.length === 0) return null;
  const refresh = new Refresh(tables, rules, source);
  for (const { table, row } of heirs) await refresh.childrenOf(table, [row]);
  const refreshed = refresh.result();
  return refreshed.length === 0 ? null : { tables: refreshed, high: await source.position() };
}

class Refresh {
  private readonly net = new Map<number, NetTable>();
  private readonly seen = new Set<string>();

  constructor(
    private readonly tables: readonly AppliedTable[],
    private readonly rules: readonly CascadeRule[],
    private readonly source: SourceLookup,
  ) {}

  /** Rows that refer to these, and those that refer to them: they went with them. */
  async childrenOf(parent: number, rows: readonly KeptRow[]): Promise<void> {
    for (const { child, columns, referenced } of this.rules.filter((rule) => rule.parent === parent)) {
      const values = this.unseen(parent, child, referenced, rows);
      if (values.length === 0) continue;
      const found = await this.source.read(child, { columns: this.namesOf(child, columns), values });
      for (const row of found) this.note(child, row);
      await this.childrenOf(child, found);
    }
  }

  result(): TableChanges[] {
    return [...this.net].map(([table, net]) => {
      const { fresh, rows } = net.result();
      return { table, gone: fresh, rows };
    });
  }

  /** What rows are referred to by; each is looked up once, so that rows which refer to each other come to an end. */
  private unseen(parent: number, child: number, referenced: readonly number[], rows: readonly KeptRow[]): string[][] {
    const { formats } = this.tables[parent] as AppliedTable;
    return rows.flatMap(({ bytes, cells }) => {
      const values = canonicalCells(formats, bytes, cells, referenced);
      const name = JSON.stringify([parent, child, referenced, values]);
      if (values === null || this.seen.has(name)) return [];
      this.seen.add(name);
      return [values];
    });
  }

  private note(table: number, { bytes, cells }: KeptRow): void {
    netOf(this.net, this.tables, table).add({
      kind: 'insert',
      table,
      bytes,
      before: null,
      after: cells,
      cascadesLogged: true,
    });
  }

  private namesOf(table: number, columns: readonly number[]): string[] {
    const { plan } = this.tables[table] as AppliedTable;
    return columns.map((column) => plan.table.columns[column]?.source.name ?? '');
  }
}
