import type { LoggedChange } from './scriptedLog';

/** Of a parent: name and boss; of a child: its parent; of a grandchild: its child. Null is NULL. */
type Row = readonly (string | null)[];
type Tables = readonly [parents: Map<string, Row>, children: Map<string, Row>, grandchildren: Map<string, Row>];

/** One attempt to change something; what the source would refuse changes nothing. */
export interface Attempt {
  readonly kind: 'insert' | 'delete' | 'rename' | 'rekey' | 'move';
  readonly table: 0 | 1 | 2;
  readonly key: number;
  readonly other: number;
}

/**
 * A source with three tables that refer to each other, whose foreign keys act without a word in the log, as MariaDB's
 * do: a parent takes its children and those whose boss it is with it, a child leaves its grandchildren behind without
 * one; changed keys are followed. Parents' names are unique.
 */
export class FamilySource {
  readonly log: LoggedChange[][] = [];
  /** Every row as it was before each transaction and after the last, by table. */
  readonly states: ReadonlyMap<string, Row>[][] = [];
  private readonly tables: Tables = [new Map(), new Map(), new Map()];
  private transaction: LoggedChange[] = [];

  constructor() {
    this.keepState();
  }

  commit(attempts: readonly Attempt[]): void {
    this.transaction = [];
    for (const attempt of attempts) this.attempt(attempt);
    this.log.push(this.transaction);
    this.keepState();
  }

  private attempt({ kind, table, key: number, other }: Attempt): void {
    const [key, wanted] = [String(number), String(other)];
    const rows = this.tables[table];
    const row = rows.get(key);
    if (kind === 'insert') {
      const made: Row = table === 0 ? [`name ${other}`, this.tables[0].has(wanted) ? wanted : null] : [wanted];
      if (row === undefined && this.isLegal(table, key, made)) this.write(table, key, null, made);
    } else if (row === undefined) return;
    else if (kind === 'delete') this.remove(table, key, row);
    else if (kind === 'rekey') this.rekey(table, key, wanted, row);
    else {
      const changed: Row = table === 0 ? [`name ${other}`, row[1] ?? null] : [wanted];
      if (this.isLegal(table, key, changed)) this.write(table, key, row, changed);
    }
  }

  private isLegal(table: number, key: string, [first, boss]: Row): boolean {
    if (table === 0) {
      const isTaken = [...this.tables[0]].some(([other, [name]]) => other !== key && name === first);
      return !isTaken && (boss === null || boss === undefined || this.tables[0].has(boss));
    }
    return first === null || first === undefined || (this.tables[table - 1]?.has(first) ?? false);
  }

  private write(table: 0 | 1 | 2, key: string, before: Row | null, after: Row): void {
    this.tables[table].set(key, after);
    this.note(table, before && [key, ...before], [key, ...after]);
  }

  private remove(table: 0 | 1 | 2, key: string, row: Row): void {
    this.note(table, [key, ...row], null);
    this.drop(table, key);
  }

  /** With all that goes with it, of which the log has nothing. */
  private drop(table: number, key: string): void {
    this.tables[table]?.delete(key);
    if (table === 0) {
      for (const [child, [parent]] of this.tables[1]) if (parent === key) this.drop(1, child);
      for (const [other, [, boss]] of this.tables[0]) if (boss === key) this.drop(0, other);
    } else if (table === 1) {
      for (const [grandchild, [child]] of this.tables[2]) if (child === key) this.tables[2].set(grandchild, [null]);
    }
  }

  private rekey(table: 0 | 1 | 2, key: string, wanted: string, row: Row): void {
    const rows = this.tables[table];
    const isBoss = table === 0 && [...rows.values()].some(([, boss]) => boss === key);
    if (rows.has(wanted) || isBoss) return;
    rows.delete(key);
    rows.set(wanted, row);
    this.note(table, [key, ...row], [wanted, ...row]);
    const referring = this.tables[table + 1];
    for (const [other, [refers]] of referring ?? []) if (refers === key) referring?.set(other, [wanted]);
  }

  private note(table: number, before: LoggedChange['before'], after: LoggedChange['after']): void {
    this.transaction.push({ table, before, after, cascadesLogged: false });
  }

  private keepState(): void {
    this.states.push(this.tables.map((table) => new Map(table)));
  }
}
