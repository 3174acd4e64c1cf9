import { changesRows, type CascadeRule } from '../../../domain/cascades';
import type { Cascade } from '../../engine';
import type { PostgresSession } from '../connection';
import { givenRows, matchesGiven, type AppliedColumns } from './appliedTables';
import { answeredRows, keptRows, type RowSet } from './rowSet';

/**
 * Does what the source's foreign keys did where its log does not tell: to rows that referred to a row that is gone or
 * has another key now, and to rows that referred to those. Exact although the target's rows may be of a later time than
 * the change: a row that refers to a key again can only have been written after the change, so its own change follows.
 */
export class Cascades {
  constructor(
    private readonly session: PostgresSession,
    private readonly tables: readonly AppliedColumns[],
    private readonly rules: readonly CascadeRule[],
  ) {}

  async apply({ table, changes }: Cascade): Promise<void> {
    const columns = this.tableAt(table);
    for (let next = 0; next < changes.length;) {
      const change = changes[next];
      if (change === undefined) return;
      if (change.after === null) {
        // Deleted rows have different keys, so those in a row can go at once; a changed key may be changed again.
        const end = changes.findIndex(({ after }, place) => place > next && after !== null);
        const gone = changes.slice(next, end < 0 ? changes.length : end);
        next += gone.length;
        await this.removed(
          table,
          keptRows(
            columns,
            gone.map(({ before }) => before),
          ),
        );
      } else {
        next++;
        await this.changed(table, keptRows(columns, [change.before]), keptRows(columns, [change.after]));
      }
    }
  }

  /** These rows are gone. */
  private async removed(parent: number, rows: RowSet): Promise<void> {
    if (rows.size === 0) return;
    for (const rule of this.rules.filter((each) => each.parent === parent && changesRows(each.onDelete))) {
      if (rule.onDelete === 'SET NULL') await this.setNull(rule, rows);
      else await this.remove(rule, rows);
    }
  }

  /** These rows have other values now; where those that others refer to are as they were, nothing follows. */
  private async changed(parent: number, before: RowSet, after: RowSet): Promise<void> {
    if (before.size === 0) return;
    for (const rule of this.rules.filter((each) => each.parent === parent && changesRows(each.onUpdate))) {
      if (rule.onUpdate === 'SET NULL') await this.setNull(rule, before, after);
      else await this.follow(rule, before, after);
    }
  }

  private async remove({ child, columns, ...rule }: CascadeRule, parents: RowSet): Promise<void> {
    const held = this.tableAt(child);
    const answered = this.referencedOf(child);
    const rows = await this.session.query(
      `delete from ${held.name} as held using ${this.given(rule)}
       where ${matchesGiven(columns.map((place) => `held.${held.columnName(place)}`))}
       returning ${this.list('held', held, answered)}`,
      parents.arrays(rule.referenced),
    );
    await this.removed(child, answeredRows(answered, rows));
  }

  /** With `after`, only where the parent's referenced values have changed. */
  private async setNull(rule: CascadeRule, before: RowSet, after: RowSet | null = null): Promise<void> {
    const held = this.tableAt(rule.child);
    const values = rule.columns.map((place) => `${held.columnName(place)} = null`);
    await this.update(rule, values.join(', '), before, after);
  }

  private async follow(rule: CascadeRule, before: RowSet, after: RowSet): Promise<void> {
    const held = this.tableAt(rule.child);
    const values = rule.columns.map(
      (place, index) => `${held.columnName(place)} = given.k${rule.columns.length + index}`,
    );
    await this.update(rule, values.join(', '), before, after);
  }

  private async update(rule: CascadeRule, values: string, before: RowSet, after: RowSet | null): Promise<void> {
    const { child, columns, referenced } = rule;
    const held = this.tableAt(child);
    const answered = this.referencedOf(child);
    const old = columns.map((_, index) => `given.k${index}`).join(', ');
    const now = columns.map((_, index) => `given.k${columns.length + index}`).join(', ');
    const rows = await this.session.query(
      `update ${held.name} as held set ${values} from ${held.name} as former, ${this.given(rule, after !== null)}
       where former.ctid = held.ctid and ${matchesGiven(columns.map((place) => `former.${held.columnName(place)}`))}
         ${after === null ? '' : `and (${old}) is distinct from (${now})`}
       returning ${this.list('former', held, answered)}, ${this.list('held', held, answered)}`,
      [...before.arrays(referenced), ...(after?.arrays(referenced) ?? [])],
    );
    const width = Math.max(answered.length, 1);
    await this.changed(
      child,
      answeredRows(
        answered,
        rows.map((row) => row.slice(0, width)),
      ),
      answeredRows(
        answered,
        rows.map((row) => row.slice(width)),
      ),
    );
  }

  /** The parent's referenced values, and once more those that they have become. */
  private given({ parent, referenced }: Pick<CascadeRule, 'parent' | 'referenced'>, twice = false): string {
    const types = this.tableAt(parent).arrayTypes(referenced);
    return givenRows(twice ? [...types, ...types] : types);
  }

  /** The columns of a table that others refer to. */
  private referencedOf(table: number): number[] {
    return [...new Set(this.rules.filter(({ parent }) => parent === table).flatMap(({ referenced }) => referenced))];
  }

  private list(alias: string, table: AppliedColumns, places: readonly number[]): string {
    return places.length === 0 ? '1' : places.map((place) => `${alias}.${table.columnName(place)}`).join(', ');
  }

  private tableAt(place: number): AppliedColumns {
    return this.tables[place] as AppliedColumns;
  }
}
