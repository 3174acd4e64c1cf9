import { assert, MigrationError } from '../../../domain/errors';
import type { PlannedColumn } from '../../../domain/plan';
import { keyPlaces } from '../../../domain/rowKey';
import { NULL_CELL, RejectedChange, RejectedValue, type AppliedTable, type KeptRow } from '../../engine';
import { quoteName } from '../quote';
import type { Session } from '../session';
import { refusalOf, warningOf, type Refusal } from './refusals';
import type { Statement } from './statement';
import type { StoredTable } from './storedTable';
import { columnWriter, type ColumnWriter, type Dialect } from './values';

/** So many keys are looked for at once: more than that, and servers begin to read whole tables. */
const KEYS_PER_STATEMENT = 500;
/** A statement that writes rows has about so many bytes: longer ones are no faster. */
const STATEMENT_BYTES = 512 * 1024;

const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;

/** A column that is written, with the place of its cells. */
interface WrittenColumn {
  readonly place: number;
  readonly column: PlannedColumn;
  readonly writer: ColumnWriter;
}

/** Removes rows of a table by key and writes rows, a few statements for many of them. */
export class TableWriter {
  private readonly key: readonly WrittenColumn[];
  private readonly columns: readonly WrittenColumn[];
  private readonly remove: string;
  private readonly insert: string;

  constructor(
    private readonly session: Session,
    private readonly statement: Statement,
    /** The longest statement that the server takes, in bytes. */
    private readonly mostBytes: number,
    table: AppliedTable,
    stored: StoredTable,
    dialect: Dialect,
    /** The table's place in the list that the applier was opened with. */
    private readonly place: number,
  ) {
    const { plan } = table;
    const places = keyPlaces(plan.table);
    assert(places.length > 0, `a table whose changes are applied by key has one: ${plan.table.source.name}`);
    const columns = plan.table.columns.map((_, column) => writtenColumn(table, column, dialect));
    this.columns = columns.filter(({ column }) => !stored.generated.has(column.targetName));
    // The rows that are given have the cells of the key alone.
    this.key = places.map((column, cell) => ({ ...(columns[column] as WrittenColumn), place: cell }));
    const name = quoteName(plan.table.targetName);
    const list = this.columns.map(({ column }) => quoteName(column.targetName)).join(', ');
    const index = quoteName(plan.table.primaryKey?.name ?? 'PRIMARY');
    // The server may know little of a table that grows; it is to look for the keys, whatever it believes.
    this.remove = `DELETE ${name} FROM ${name} FORCE INDEX (${index}) WHERE `;
    this.insert = `INSERT INTO ${name} (${list}) VALUES `;
  }

  async removeRows(keys: readonly KeptRow[]): Promise<void> {
    for (let at = 0; at < keys.length; at += KEYS_PER_STATEMENT) {
      const some = keys.slice(at, at + KEYS_PER_STATEMENT);
      this.statement.clear();
      this.statement.text(this.remove);
      if (this.key.length === 1) this.writeAmong(some);
      else this.writeConditions(some);
      await this.session.write(this.statement.bytes);
    }
  }

  async writeRows(rows: readonly KeptRow[]): Promise<void> {
    const { statement } = this;
    for (let next = 0; next < rows.length;) {
      const first = next;
      statement.clear();
      statement.text(this.insert);
      while (next < rows.length && (next === first || statement.length < STATEMENT_BYTES)) {
        const end = statement.end;
        if (next > first) statement.byte(COMMA);
        this.writeRow(rows[next] as KeptRow);
        if (statement.length <= this.mostBytes) next++;
        else if (next === first) throw this.tooLong(rows[next] as KeptRow, statement.length);
        else {
          statement.back(end);
          break;
        }
      }
      await this.sendRows(rows.slice(first, next));
    }
  }

  private async sendRows(rows: readonly KeptRow[]): Promise<void> {
    let refusal: Refusal;
    try {
      const { rows: written, warnings } = await this.session.write(this.statement.bytes);
      assert(written === rows.length, 'the server takes every row that is written');
      const warned = warnings === 0 ? null : await warningOf(this.session);
      if (warned === null) return;
      refusal = warned;
    } catch (error) {
      const refused = refusalOf(error);
      if (refused === null) throw error;
      refusal = refused;
    }
    const [first] = rows as readonly [KeptRow];
    const named = rows.length === 1 ? first : rows[refusal.row ?? -1];
    // The server does not say which of them: the one at fault is the first that it does not take alone.
    if (named === undefined) for (const each of rows) await this.writeRows([each]);
    throw this.rejected(named ?? first, refusal.reason, this.columnNamed(refusal.column));
  }

  private writeRow(row: KeptRow): void {
    const { statement } = this;
    statement.byte(OPEN);
    for (const [index, written] of this.columns.entries()) {
      if (index > 0) statement.byte(COMMA);
      this.writeCell(written, row, 'value');
    }
    statement.byte(CLOSE);
  }

  /** `column IN (…)` */
  private writeAmong(keys: readonly KeptRow[]): void {
    const [written] = this.key as readonly [WrittenColumn];
    const { statement } = this;
    statement.text(`${quoteName(written.column.targetName)} IN `);
    for (const [index, key] of keys.entries()) {
      statement.byte(index === 0 ? OPEN : COMMA);
      this.writeCell(written, key, 'key');
    }
    statement.byte(CLOSE);
  }

  /** `a = 1 AND b = 2 OR …`: each value is compared as its column is, and each condition leads into the index. */
  private writeConditions(keys: readonly KeptRow[]): void {
    const { statement } = this;
    for (const [index, key] of keys.entries()) {
      if (index > 0) statement.text(' OR ');
      for (const [part, written] of this.key.entries()) {
        statement.text(`${part > 0 ? ' AND ' : ''}${quoteName(written.column.targetName)} = `);
        this.writeCell(written, key, 'key');
      }
    }
  }

  private writeCell({ place, column, writer }: WrittenColumn, row: KeptRow, as: 'value' | 'key'): void {
    const start = row.cells[place * 2] as number;
    try {
      if (start >= 0) writer[as](this.statement, row.bytes, start, row.cells[place * 2 + 1] as number);
      else if (start === NULL_CELL) writer.nothing(this.statement);
      else throw leftOut(column);
    } catch (error) {
      throw error instanceof RejectedValue ? this.rejected(row, error.reason, column) : error;
    }
  }

  private tooLong(row: KeptRow, length: number): RejectedChange {
    const told = `the row needs a statement of ${length} bytes, and the source takes ${this.mostBytes}`;
    return this.rejected(row, `${told}: raise its max_allowed_packet`, null);
  }

  private rejected(row: KeptRow, reason: string, column: PlannedColumn | null): RejectedChange {
    return new RejectedChange(new RejectedValue(reason, column), this.place, row);
  }

  private columnNamed(name: string | null): PlannedColumn | null {
    return this.columns.find(({ column }) => column.targetName === name)?.column ?? null;
  }
}

function writtenColumn({ plan, formats }: AppliedTable, place: number, dialect: Dialect): WrittenColumn {
  const [column, format, native] = [plan.table.columns[place], formats[place], plan.ddl.nativeTypes[place]];
  assert(column && format && native !== undefined, 'a planned column has a cell format and a native type');
  return { place, column, writer: columnWriter(format, column, native, dialect) };
}

/** Rows are written anew, so each must be whole. The stream ends before, where a table does not log whole rows. */
function leftOut({ source }: PlannedColumn): MigrationError {
  return new MigrationError(
    'LOG_UNREADABLE',
    `${source.name} is left out of a change because it did not change: the table must log whole rows`,
  );
}
